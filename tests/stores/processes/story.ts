import type { ApprovalRequest } from '@gatewright/core'
import { expect } from 'vitest'
import { after, type Kill, keyOf, type Story } from './killing'

/** Each killed process must have held so much, by what the store says after its kill. */
const WAITING = 1_000
const EXECUTING = 100

/** The value in the middle. */
function median(numbers: readonly number[]): number {
  return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0
}

/** Fails where the processes that were killed did not hold what they were to hold. */
export function expectFullProcesses(kills: readonly Kill[]): void {
  expect(
    kills.filter(({ waiting, executing }) => waiting < WAITING || executing < EXECUTING),
    'killed while they held too little',
  ).toEqual([])
}

/** Fails where anything was lost, ran twice, or is unknown that need not be, or is not and must be (I3, I8). */
export function expectNothingLost({ cutOff, said, effects, requests }: Story): void {
  const byId = new Map(requests.map((request) => [request.id, request]))
  const byKey = new Map(requests.map((request) => [keyOf(request), request]))
  expect(byKey.size, 'a call has two requests').toBe(requests.length)

  const none = (of: readonly string[], what: string) => expect(of, what).toEqual([])
  const statusIn =
    (map: ReadonlyMap<string, ApprovalRequest>, ...statuses: readonly ApprovalRequest['status'][]) =>
    (name: string): boolean => {
      const found = map.get(name)
      return found !== undefined && statuses.includes(found.status)
    }
  const succeeded = statusIn(byId, 'succeeded')
  const ended = statusIn(byId, 'succeeded', 'unknown')
  const keySucceeded = statusIn(byKey, 'succeeded')

  none(
    after('asked', said).filter((id) => !byId.has(id)),
    'requests that were acknowledged are gone',
  )
  none(
    after('voted', said).filter((vote) => !votesOf(byId, vote)),
    'votes that were acknowledged are gone',
  )
  none(
    after('claimed', said).filter((id) => !ended(id)),
    'claims that were acknowledged are gone',
  )
  none(
    after('recorded', said).filter((id) => !succeeded(id)),
    'outcomes that were acknowledged are gone',
  )
  none(
    after('done', said).filter((key) => !keySucceeded(key)),
    'outcomes that were told are gone',
  )
  none(
    after('ended', said).filter((answer) => !isTrue(byKey, answer)),
    'answers to calls that were made again are wrong',
  )

  const effectOnce = new Set(effects)
  expect(effectOnce.size, 'an effect came twice').toBe(effects.length)
  none(
    effects.filter((key) => !statusIn(byKey, 'succeeded', 'unknown')(key)),
    'effects of what did not run',
  )
  none(
    requests
      .filter(({ status }) => status === 'succeeded')
      .map(keyOf)
      .filter((key) => !effectOnce.has(key)),
    'succeeded without an effect',
  )

  // Exactly what was executing at a kill is unknown, by the store that was looked at and by what the processes said.
  // Everything else was decided, ran and succeeded after all.
  const unknown = requests.filter(({ status }) => status === 'unknown').map(({ id }) => id)
  expect(unknown.sort()).toEqual([...cutOff].sort())
  const saidOf = (word: string) => new Set(after(word, said))
  const [claiming, recording, recorded] = ['claiming', 'recording', 'recorded'].map(saidOf)
  none(
    unknown.filter((id) => !claiming?.has(id) || recorded?.has(id)),
    'unknown, and never begun or well recorded',
  )
  none(
    after('claimed', said).filter((id) => !recording?.has(id) && !cutOff.has(id)),
    'begun, cut off and not unknown',
  )
  none(
    requests.map(({ id }) => id).filter((id) => !ended(id)),
    'some have not ended',
  )
}

/** `<request id> <who>` */
function votesOf(byId: ReadonlyMap<string, ApprovalRequest>, vote: string): boolean {
  const [id = '', who] = vote.split(' ')
  return (
    byId.get(id)?.votes.some(({ actor, decision }) => actor.subject === who && decision === 'approve') ===
    true
  )
}

/** `<key> <error code>` */
function isTrue(byKey: ReadonlyMap<string, ApprovalRequest>, answer: string): boolean {
  const [key = '', code] = answer.split(' ')
  const expected = { succeeded: 'ERR_ALREADY_EXECUTED', unknown: 'ERR_EXECUTION_UNKNOWN' } as const
  const status = byKey.get(key)?.status
  return (status === 'succeeded' || status === 'unknown') && expected[status] === code
}

/** The run in one line. */
export function summaryOf({ kills, cutOff, said, effects, requests }: Story): string {
  const range = (numbers: readonly number[]): string =>
    `${Math.min(...numbers)} to ${Math.max(...numbers)}, median ${median(numbers)}`
  const moments = new Map<string, number>()
  for (const { moment } of kills) moments.set(moment, (moments.get(moment) ?? 0) + 1)
  return [
    `${kills.length} kills (${[...moments].map(([moment, count]) => `${moment} ${count}`).join(', ')})`,
    `waiting ${range(kills.map(({ waiting }) => waiting))}`,
    `executing ${range(kills.map(({ executing }) => executing))}`,
    `approved and unclaimed ${range(kills.map(({ approved }) => approved))}`,
    `${requests.length} requests`,
    `${after('voted', said).length} votes`,
    `${effects.length} effects`,
    `${requests.filter(({ status }) => status === 'succeeded').length} succeeded`,
    `${cutOff.size} unknown`,
  ].join('; ')
}
