// One peer's gated call beside its ungated one, in rounds that take turns, so that both meet the same machine.
import { argumentsOf } from '../measure/arguments.mjs'
import { report, told } from '../measure/report.mjs'
import { sample } from '../measure/sample.mjs'

const { peer, calls, rounds, warmUp, bytes = 100 } = told()
const { createPeer } = await import(`./${peer}.mjs`)
const { gated, ungated, ran } = await createPeer()
const make = argumentsOf(bytes)
let next = 0
const unique = () => make(next++)

const costs = { gated: [], ungated: [] }
for (let round = 0; round < rounds; round += 1) {
  for (const [name, call] of Object.entries({ ungated, gated })) {
    const before = ran()
    const cost = await sample({ make: unique, call, calls, rounds: 1, warmUp: round === 0 ? warmUp : 0 })
    const expected = cost.calls + (round === 0 ? warmUp : 0)
    if (ran() - before !== expected) throw new Error(`${peer}, ${name}: the tool ran ${ran() - before} times of ${expected}`)
    costs[name].push(cost)
  }
}
report({ costs, bytes, version: process.version })
