import { anyOf, type Directory, group, type PersonRef, person } from '@gatewright/core'
import { expect, test } from 'vitest'
import type { GateOptions } from '../../create-gate'
import { checkReviewers } from './check-people'
import { type DoctorFinding, DoctorFindings } from './findings'

const ADA = person('https://idp.test', 'ada')
const BEN = person('https://idp.test', 'ben')

/** A directory whose every group has these members. */
function directoryOf(...members: PersonRef[]): Directory {
  const known = ({ issuer, subject }: PersonRef) => ({ issuer, subject, name: subject, groups: ['ops'] })
  return { resolve: async (identity) => known(identity), members: async () => members.map(known) }
}

async function found(options: Partial<GateOptions>): Promise<readonly DoctorFinding[]> {
  const findings = new DoctorFindings()
  await checkReviewers({ agent: { id: 'bot', owner: null }, ...options }, findings)
  return findings.list.filter(({ status }) => status !== 'ok')
}

const ownedBy = (owner: typeof ADA) => ({ agent: { id: 'bot', owner } })

test.each<[string, Partial<GateOptions>, RegExp]>([
  [
    'the only reviewer answers for the agent',
    { ...ownedBy(ADA), reviewers: ADA },
    /has 0 who may decide, and 1 must: who answers/,
  ],
  [
    'a group that holds nobody',
    { reviewers: group('ops'), directory: directoryOf() },
    /there is nobody in group "ops"/,
  ],
  [
    'a group of too few',
    { reviewers: group('ops', { atLeast: 2 }), directory: directoryOf(ADA) },
    /has 1 who may decide, and 2 must$/,
  ],
  [
    'too few beside the owner',
    { ...ownedBy(ADA), reviewers: group('ops', { atLeast: 2 }), directory: directoryOf(ADA, BEN) },
    /has 1 who may decide, and 2 must: who answers/,
  ],
  [
    'the second of two stages',
    { ...ownedBy(BEN), requirement: { stages: [{ reviewers: ADA }, { reviewers: BEN }] } },
    /ben of https:\/\/idp\.test has 0/,
  ],
])('I4: %s', async (_, options, message) => {
  expect(await found(options)).toEqual([
    {
      check: 'reviewers',
      status: 'problem',
      message: expect.stringMatching(message),
      fix: expect.stringContaining('reviewers'),
    },
  ])
})

test('somebody beside the owner is enough, and a group that nobody can list may hold anybody', async () => {
  expect(await found({ ...ownedBy(ADA), reviewers: anyOf(ADA, BEN) })).toEqual([])
  expect(await found({ ...ownedBy(ADA), reviewers: group('ops') })).toEqual([])
  expect(await found({ ...ownedBy(ADA), reviewers: anyOf(ADA, group('ops')) })).toEqual([])
})

test('the owner is known under another identity', async () => {
  const both: Directory = {
    resolve: async () => ({ issuer: 'https://idp.test', subject: 'ada', name: 'Ada', groups: [] }),
  }
  const options = { ...ownedBy(person('slack:T1', 'U1')), reviewers: ADA, directory: both }
  expect((await found(options)).map(({ status }) => status)).toEqual(['problem'])
})

test('a directory that does not answer is told of', async () => {
  const away: Directory = {
    resolve: async () => null,
    members: async () => Promise.reject(new Error('it is away')),
  }
  expect(await found({ reviewers: group('ops'), directory: away })).toMatchObject([
    { status: 'warning', message: 'the directory does not answer who group "ops" is: it is away' },
  ])
})
