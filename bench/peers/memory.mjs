// What a peer keeps for each call that waits for its human.
import { argumentsOf } from '../measure/arguments.mjs'
import { reachableBytes } from '../measure/heap.mjs'
import { report, told } from '../measure/report.mjs'

const { peer, count, warmUp = 200 } = told()
const { createPeer } = await import(`./${peer}.mjs`)
const { hold } = await createPeer()
const make = argumentsOf(100)

const kept = new Array(count)
for (let index = 0; index < warmUp; index += 1) await hold(make(index))
const empty = await reachableBytes()
for (let index = 0; index < count; index += 1) kept[index] = await hold(make(warmUp + index))
const full = await reachableBytes()
report({ count, bytesEach: (full - empty) / count, kept: kept.length })
