import { createGate, group } from '@gatewright/core'
import { expect, onTestFinished, test } from 'vitest'
import { makeCall } from './run-call'
import { runLocally } from './run-locally'
import { readRunOptions } from './run-options'
import type { AskedPeople } from './run-report'

/** Runs `true` through a gate that nobody answers, and gives the waiting up at a moment. */
async function givenUp(moment: 'when it is pinned' | 'when it is told to wait') {
  const gate = createGate({
    agent: { id: 'run', owner: null },
    approvers: [],
    reviewers: group('ops'),
    ephemeral: true,
  })
  onTestFinished(() => gate.close())
  const stop = new AbortController()
  const options = readRunOptions(['--action', 'a.b', '--reviewers', 'ops', '--', 'true'])
  if (options === null) throw new Error('no options')
  const call = await makeCall(options, null, { PATH: process.env.PATH ?? '' }, process.cwd())
  const said: string[] = []
  const report = {
    asked({ action }: AskedPeople) {
      said.push(action)
      if (moment === 'when it is told to wait') stop.abort()
    },
    decided() {},
    say(text: string) {
      said.push(text)
    },
    point() {},
    end() {},
  }
  const pins = async () => {
    if (moment === 'when it is pinned') stop.abort()
    return call.pins()
  }
  const signals = { waiting: stop.signal, first: () => null, give() {}, end() {} }
  const asking = { asked() {}, report, signals, waiting: stop.signal }
  const result = await runLocally(gate, { ...call, pins }, asking)
  return { result, said, requests: (await gate.requests.list()).requests }
}

test.each(['when it is pinned', 'when it is told to wait'] as const)(
  'given up %s, its request is left for nobody to decide on',
  async (moment) => {
    const { requests, result, said } = await givenUp(moment)
    expect(requests.map(({ status }) => status)).toEqual(['cancelled'])
    expect(result).toMatchObject({ status: 'cancelled', exitCode: 77, command: null })
    expect(said).toEqual(['a.b'])
  },
)
