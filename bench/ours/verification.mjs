// What reading a whole log costs: verifying it with every check on, hashing it and nothing else, opening it to write on.
// Writes the log first. Each reading is a process of its own, so that the memory of one is not that of another.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runInChild } from '../child.mjs'
import { report, told } from '../measure/report.mjs'

const { events, turns } = told()
const parent = mkdtempSync(join(tmpdir(), 'gatewright-bench-'))
const directory = join(parent, 'log')
const log = { directory, origin: 'bench.test/log' }
/** In as many turns as were asked for, one after the other: the machine changes its mind. */
const rounds = []
try {
  const { entries } = await runInChild('ours/write-log.mjs', { told: { ...log, events } })
  for (let turn = 0; turn < turns; turn += 1) {
    const read = (what, node = []) => runInChild('ours/read-log.mjs', { told: { ...log, what }, node })
    const round = {}
    round.bare = await read('nothing')
    round.hashed = await read('hash')
    round.verified = await read('verify')
    round.small = await read('verify', ['--semi-space-growth-factor=1'])
    round.opened = await read('open')
    if (round.verified.status !== 'valid') throw new Error(`the log is ${round.verified.status}`)
    if (round.hashed.entries !== round.verified.entries) throw new Error('not the same entries were hashed')
    rounds.push(round)
  }
  report({ entries, rounds })
} finally {
  rmSync(parent, { recursive: true, force: true })
}
