// A program with a real gate and a console approver, for tests in a real terminal: it exports a table and says what
// became of it. At SIGUSR2 its clock goes an hour ahead.
import { createGate, group, person, when } from '@gatewright/core'
import { consoleApprover, osUser } from '../src/index'
import { movableClock } from './movable-clock'

const quorum = Number(process.env.QUORUM ?? 1)
const clock = movableClock()
process.on('SIGUSR2', () => clock.move(3_600_000))
const gate = createGate({
  ephemeral: true,
  clock,
  lease: '4h', // which an hour that passes at once does not end
  agent: {
    id: 'ops-bot',
    owner: process.env.OWNER === 'me' ? osUser() : person('https://idp.example.com', 'grace'),
  },
  approvers: [
    quorum > 1 ? consoleApprover({ demo: true, groups: ['ops'] }) : consoleApprover({ groups: ['ops'] }),
  ],
  policy: [
    when('data.export')
      .if(({ args }) => Number(args.rows) > 1000)
      .require({
        id: 'big-export',
        version: 1,
        reviewers: group('ops', { atLeast: quorum }),
        within: '30m',
      }),
  ],
  reviewers: group('ops'),
  coolDown: false,
})

const exportTable = gate.requireApproval(
  async (table: string, rows: number, options: { readonly apiKey?: string } = {}) => {
    const key = options.apiKey === process.env.API_KEY ? '' : ' and another key'
    return `exported ${rows} rows of ${table} with ${Object.keys(options).length} options${key}`
  },
  {
    action: 'data.export',
    parameters: ['table', 'rows', 'options'],
    title: 'Export rows of a table to the analytics bucket',
    context: ({ args }) => ({ resource: { table: String(args.table) }, impact: { rows: Number(args.rows) } }),
  },
)

const calls = Number(process.env.CALLS ?? 1)
const options = process.env.API_KEY === undefined ? {} : { apiKey: process.env.API_KEY }
const results = await Promise.allSettled(
  Array.from({ length: calls }, (_, call) => exportTable('customers', 120_000 + call, options)),
)
for (const result of results) {
  console.log(
    result.status === 'fulfilled'
      ? `RESULT ${result.value}`
      : `ERROR ${String(result.reason?.code)}: ${String(result.reason?.message)}`,
  )
}
await gate.close()
