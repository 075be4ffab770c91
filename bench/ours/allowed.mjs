// A call that a rule allows: snapshot, digest, policy, two events in the log, and the function on a fresh copy.
import { argumentsOf, bytesOf } from '../measure/arguments.mjs'
import { report, told } from '../measure/report.mjs'
import { sample } from '../measure/sample.mjs'
import { benchGate, work } from './gate.mjs'

const { bytes, calls, rounds, warmUp } = told()
const make = argumentsOf(bytes)
const gated = benchGate([]).requireApproval(work, { action: 'free.export' })
const cost = await sample({ make, call: gated, calls, rounds, warmUp })
report({ cost, bytes: bytesOf(make(1)) })
