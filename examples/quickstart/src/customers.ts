import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import Database from 'libsql'

/** The tools of the agent: ordinary functions over a real database, which know nothing of approvals. */
export interface CustomerTools {
  count(query: { region: string }): number
  exportTable(query: { table: string; region: string; columns: string[] }): { path: string; rows: number }
  remove(target: { id: number }): { removed: number }
  migrate(change: { statement: string }): void
}

export interface Customers {
  readonly tools: CustomerTools
  readonly file: string
  exists(id: number): boolean
  close(): void
}

const REGIONS = ['EU', 'US', 'APAC']
const FIRST = ['Ana', 'Bo', 'Chi', 'Dev', 'Eli', 'Fay', 'Gus', 'Hana']
const LAST = ['Ito', 'Kaya', 'Lund', 'Moss', 'Nash', 'Okoye', 'Park', 'Quist', 'Rossi']
const COLUMNS = ['id', 'name', 'email', 'region']

/** Makes a fresh database with 3,000 customers in the folder; a run that goes on finds what it left. */
export function openCustomers(folder: string, { fresh }: { readonly fresh: boolean }): Customers {
  if (fresh) rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  const file = join(folder, 'customers.db')
  const database = new Database(file)
  const insertAll = database.transaction(() => {
    database.exec('CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT, email TEXT, region TEXT)')
    const insert = database.prepare('INSERT INTO customers VALUES (?, ?, ?, ?)')
    for (let id = 1; id <= 3_000; id += 1) {
      const name = `${FIRST[id % FIRST.length]} ${LAST[id % LAST.length]}`
      insert.run(id, name, `customer${id}@example.com`, REGIONS[id % REGIONS.length])
    }
  })
  const made = database.prepare("SELECT 1 FROM sqlite_master WHERE name = 'customers'").get()
  if (made === undefined) insertAll()

  const countIn = database.prepare('SELECT count(*) AS total FROM customers WHERE region = ?')
  const find = database.prepare('SELECT id FROM customers WHERE id = ?')
  const remove = database.prepare('DELETE FROM customers WHERE id = ?')

  return {
    file,
    exists: (id) => find.get(id) !== undefined,
    close: () => database.close(),
    tools: {
      count: ({ region }) => (countIn.get(region) as { total: number }).total,
      exportTable({ table, region, columns }) {
        if (table !== 'customers' || !columns.every((column) => COLUMNS.includes(column)))
          throw new Error('no such table or column')
        const rows = database
          .prepare(`SELECT ${columns.join(', ')} FROM customers WHERE region = ?`)
          .all(region) as Record<string, unknown>[]
        const path = join(dirname(file), `${table}-${region}.csv`)
        const lines = rows.map((row) => columns.map((column) => JSON.stringify(row[column])).join(','))
        writeFileSync(path, `${[columns.join(','), ...lines].join('\n')}\n`)
        return { path, rows: rows.length }
      },
      remove: ({ id }) => ({ removed: remove.run(id).changes }),
      migrate: ({ statement }) => database.exec(statement),
    },
  }
}
