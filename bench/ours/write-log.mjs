// A log as a gate leaves it: half of the calls allowed by a rule, half reviewed and approved, the events of many in turns;
// segments, signed checkpoints and tiles as they are by default. About 800 bytes an event.
import { createGate, group, when } from '@gatewright/core'
import { fileAudit } from '@gatewright/audit'
import { mockApprover } from '@gatewright/testing'
import { report, told } from '../measure/report.mjs'
import { work } from './gate.mjs'

const { directory, events } = told()
const AT_ONCE = 256

const audit = fileAudit({ directory, origin: 'bench.test/log' })
let recorded = 0
const counting = {
  ...audit,
  logId: audit.logId,
  append(some) {
    recorded += some.length
    return audit.append(some)
  },
}
const gate = createGate({
  agent: { id: 'bench', owner: null },
  approvers: [mockApprover({ otherwise: 'approve', record: false })],
  audit: counting,
  ephemeral: true,
  policy: [when('free.*').allow()],
  rateLimit: false,
  reviewers: group('ops'),
})
const free = gate.requireApproval(work, { action: 'free.refund' })
const held = gate.requireApproval(work, { action: 'held.refund' })

let made = 0
const argumentsOfCall = () => {
  made += 1
  return {
    id: made,
    amount: (made * 7) % 10_000,
    customer: `customer-${made % 1_000}`,
    address: { city: 'Copenhagen', country: 'DK', street: `Vesterbrogade ${made % 200}`, zip: '1620' },
    currency: 'EUR',
    lines: [
      { article: `A-${(made * 31) % 90_000}`, quantity: 1 + (made % 4), price: 19.99 },
      { article: `B-${(made * 17) % 90_000}`, quantity: 1, price: 249.5 },
      { article: `C-${(made * 13) % 90_000}`, quantity: 2, price: 7.25 },
    ],
    note: 'damaged on arrival: the customer sent a picture of the article and of its box, and wants the money back',
  }
}
const lanes = Array.from({ length: AT_ONCE }, async (_, lane) => {
  while (recorded < events) await (lane % 2 === 0 ? free : held)(argumentsOfCall())
})
await Promise.all(lanes)
await gate.close()
await audit.close()
report({ recorded, calls: made, head: audit.head?.size})
