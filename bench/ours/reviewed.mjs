// A call that one person must approve, from the call to its result: the request and its events, the review document and
// its digest, the delivery, the mock approver's vote, the claim, the function, the outcome.
import { mockApprover } from '@gatewright/testing'
import { argumentsOf, bytesOf } from '../measure/arguments.mjs'
import { report, told } from '../measure/report.mjs'
import { sample } from '../measure/sample.mjs'
import { benchGate, work } from './gate.mjs'

const { bytes, calls, rounds, warmUp } = told()
const make = argumentsOf(bytes)
const gated = benchGate([mockApprover({ otherwise: 'approve', record: false })]).requireApproval(work, {
  action: 'held.export',
})
const cost = await sample({ make, call: gated, calls, rounds, warmUp })
report({ cost, bytes: bytesOf(make(1)) })
