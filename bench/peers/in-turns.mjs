// Ours and theirs in turns, each in a process of its own, so that both meet the same machine.
import { runInChild } from '../child.mjs'
import { report, told } from '../measure/report.mjs'

const { ours, theirs, turns, share } = told()
const measure = ({ script, told: words }) =>
  runInChild(script, { told: { ...words, calls: Math.ceil(words.calls * share) } })
const rounds = []
for (let turn = 0; turn < turns; turn += 1)
  rounds.push({ ours: await measure(ours), theirs: await measure(theirs) })
report({ rounds })
