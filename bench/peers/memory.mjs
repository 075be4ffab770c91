// What a peer keeps for each call that waits for its human.
import { argumentsOf } from '../measure/arguments.mjs'
import { reachableBytes } from '../measure/heap.mjs'
import { report, told } from '../measure/report.mjs'

const { peer, count, warmUp = 200 } = told()
const { createPeer } = await import(`./${peer}.mjs`)
// Reachable to the end: what a peer keeps in itself would otherwise be collected with it.
globalThis.measuredPeer = await createPeer()
const { hold } = globalThis.measuredPeer
const make = argumentsOf(100)

const kept = []
globalThis.keptCalls = kept
for (let index = 0; index < warmUp; index += 1) await hold(make(index))
const empty = await reachableBytes()
for (let index = 0; index < count; index += 1) kept.push(await hold(make(warmUp + index)))
const full = await reachableBytes()
report({ count, bytesEach: (full - empty) / count })
