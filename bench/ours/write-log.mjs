// A log as a gate leaves it: half of the calls allowed by a rule, half reviewed and approved, those of many callers in
// turns; segments, signed checkpoints and tiles as they are by default. About 800 bytes an event.
import { fileAudit } from '@gatewright/audit'
import { createGate, group, when } from '@gatewright/core'
import { mockApprover } from '@gatewright/testing'
import { report, told } from '../measure/report.mjs'
import { work } from './gate.mjs'

const { directory, origin, events } = told()
const CALLERS = 256

const audit = fileAudit({ directory, origin })
await audit.opened
const gate = createGate({
  agent: { id: 'bench', owner: null },
  approvers: [mockApprover({ otherwise: 'approve', record: false })],
  audit,
  ephemeral: true,
  logger: { debug() {}, info() {}, warn: console.warn, error: console.error },
  policy: [when('free.*').allow()],
  rateLimit: false,
  reviewers: group('ops'),
})
const free = gate.requireApproval(work, { action: 'free.refund' })
const held = gate.requireApproval(work, { action: 'held.refund' })
let made = 0

function nextArguments() {
  made += 1
  return {
    id: made,
    address: { city: 'Copenhagen', country: 'DK', street: `Vesterbrogade ${made % 200}`, zip: '1620' },
    amount: (made * 7) % 10_000,
    currency: 'EUR',
    customer: `customer-${made % 1_000}`,
    lines: ['A', 'B', 'C'].map((kind, at) => ({
      article: `${kind}-${(made * (31 - at)) % 90_000}`,
      price: 19.99 * (at + 1),
      quantity: 1 + (made % 4),
    })),
    note: 'damaged on arrival: the customer sent a picture of the article and of its box, and wants the money back as soon as that can be done; a second article of the same order arrived whole and stays with the customer',
  }
}

const callers = Array.from({ length: CALLERS }, async (_, caller) => {
  while ((audit.head?.size ?? 0) < events) await (caller % 2 === 0 ? free : held)(nextArguments())
})
await Promise.all(callers)
await gate.close()
await audit.close()
report({ entries: audit.head?.size, calls: made })
