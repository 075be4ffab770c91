import { createHash } from 'node:crypto'

const TABLES = [
  'migrations',
  'requests',
  'keys',
  'events',
  'deliveries',
  'leases',
  'credentials',
  'grants',
  'links',
  'windows',
  'marks',
] as const

type Table = (typeof TABLES)[number]

/** How the store's tables are called in statements: quoted, and with their schema. */
export type Names = Readonly<Record<Table, string>> & {
  readonly schema: string
  /** The name of an index, without a schema: it lives where its table does. */
  index(name: string): string
  /** Where changes are announced. One for each schema and prefix. */
  readonly channel: string
  /** Tells prepared statements of one set of tables from those of another on a connection that a host shares. */
  readonly mark: string
}

/** @param schema - checked by the options: lower-case letters, digits and underscores, as is `prefix` */
export function namesOf(schema: string, prefix: string): Names {
  const mark = createHash('sha256').update(`${schema}.${prefix}`).digest('hex').slice(0, 16)
  const tables = Object.fromEntries(
    TABLES.map((table) => [table, `"${schema}"."${prefix}${table}"`]),
  ) as Record<Table, string>
  return {
    ...tables,
    schema: `"${schema}"`,
    index: (name) => `"${prefix}${name}"`,
    channel: `gatewright_${mark}`,
    mark,
  }
}
