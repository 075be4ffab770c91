// A process that runs whatever was approved, as many at once as there are, and says how many it ran.
import { postgresStore } from '../../src'
import { effectIn, gateOver } from '../effects'

const [connectionString = '', schema = '', path = ''] = process.argv.slice(2)
const store = postgresStore({ connectionString, schema })
const gate = gateOver(store)
gate.requireApproval(effectIn(path), { action: 'data.export' })
await gate.start()
const ids: string[] = []
for (let cursor: string | null = null, first = true; first || cursor !== null; first = false) {
  const page = await gate.requests.list({ status: 'approved' }, { cursor, limit: 1_000 })
  ids.push(...page.requests.map(({ id }) => id))
  cursor = page.cursor
}
process.stdout.write('ready\n')
await new Promise((resolve) => process.stdin.once('data', resolve))

const ends = await Promise.allSettled(ids.map((id) => gate.resume(id, { wait: 'inline' })))
const ran = ends.filter(({ status }) => status === 'fulfilled').length
const others = ends.flatMap((end) =>
  end.status === 'rejected' ? [(end.reason as { code?: string }).code] : [],
)
process.stdout.write(`${JSON.stringify({ seen: ids.length, ran, codes: [...new Set(others)] })}\n`)
await gate.close()
await store.close()
