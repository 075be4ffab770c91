// What no gate can be faster than, on this machine, in this run.
import { createHash } from 'node:crypto'
import { argumentsOf } from '../measure/arguments.mjs'
import { report, told } from '../measure/report.mjs'
import { sample } from '../measure/sample.mjs'
import { work } from './gate.mjs'

const { what, bytes = 100, calls, rounds, warmUp } = told()
const make = argumentsOf(bytes)

/** One more function around the function. */
function closure() {
  const wrapped = async (args) => work(args)
  return { call: wrapped, perSample: 64 }
}

/** The smallest thing that is a gate: a map of what waits, a promise each, somebody who answers, the run. */
function smallestGate() {
  const waiting = new Map()
  let nextId = 0
  const answer = (id) => {
    const resolve = waiting.get(id)
    waiting.delete(id)
    resolve(true)
  }
  const gated = async (args) => {
    nextId += 1
    const id = nextId
    const approved = await new Promise((resolve) => {
      waiting.set(id, resolve)
      queueMicrotask(() => answer(id))
    })
    return approved ? work(args) : null
  }
  return { call: gated, perSample: 64 }
}

/** What any snapshot and digest of the same arguments costs with the platform's own means. */
function cloneAndDigest() {
  const call = (args) =>
    createHash('sha256')
      .update(canonical(structuredClone(args)))
      .digest('hex')
  return { call, perSample: 1 }
}

function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const members = Object.keys(value)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`)
  return `{${members.join(',')}}`
}

const subjects = { closure, 'smallest gate': smallestGate, 'clone and digest': cloneAndDigest }
const cost = await sample({ make, ...subjects[what](), calls, rounds, warmUp })
report({ cost, bytes })
