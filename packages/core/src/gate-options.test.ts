import {
  createGate,
  type GateOptions,
  group,
  memoryAudit,
  memoryStore,
  OptionError,
  person,
  when,
} from '@gatewright/core'
import { describe, expect, test } from 'vitest'
import { attempt, desk, scene, settle } from '../test/scene'
import { parseGateOptions } from './gate-options'

const sound: GateOptions = {
  agent: { id: 'bot', owner: null },
  approvers: [],
  ephemeral: true,
  reviewers: group('ops'),
}

/** Every option, with values that it does not take, and where the error says they stand. */
const WRONG: readonly (readonly [string, unknown])[] = [
  ['createGate.agent', { agent: undefined }],
  ['createGate.agent', { agent: 'bot' }],
  ['createGate.agent.id', { agent: { id: '', owner: null } }],
  ['createGate.agent.id', { agent: { id: 7, owner: null } }],
  ['createGate.agent.owner', { agent: { id: 'bot', owner: undefined } }],
  ['createGate.agent.owner', { agent: { id: 'bot', owner: 'ada' } }],
  ['createGate.agent.owner', { agent: { id: 'bot', owner: {} } }],
  ['createGate.agent.name', { agent: { id: 'bot', owner: null, name: 5 } }],
  ['createGate.onBehalfOf', { onBehalfOf: person('i', 's') }],
  ['createGate.approvers', { approvers: 'desk' }],
  ['createGate.approvers', { approvers: [{}] }],
  ['createGate.approvers', { approvers: [null] }],
  ['createGate.approvers', { approvers: [{ name: '', deliver: async () => ({}) }] }],
  ['createGate.store', { store: {} }],
  ['createGate.audit', { audit: {} }],
  ['createGate.audit', { audit: { append: async () => {}, close: async () => {} } }],
  ['createGate.ephemeral', { ephemeral: 'yes' }],
  ['createGate.policy', { policy: when('*').allow() }],
  ['createGate.policy', { policy: [() => true] }],
  ['createGate.policy', { policy: [{ id: 'p', version: 1 }] }],
  ['createGate.reviewers', { reviewers: 'ops' }],
  ['createGate.requirement.reviewers', { reviewers: undefined, requirement: {} }],
  [
    'createGate.requirement.atLeast',
    { reviewers: undefined, requirement: { reviewers: group('ops'), atLeast: 0 } },
  ],
  [
    'createGate.requirement.within',
    { reviewers: undefined, requirement: { reviewers: group('ops'), within: 'soon' } },
  ],
  ['createGate.risk', { risk: [() => 1] }],
  ['createGate.directory', { directory: {} }],
  ['createGate.mode', { mode: true }],
  ['createGate.wait', { wait: 'now' }],
  ['createGate.redact.keys', { redact: { keys: 'password' } }],
  ['createGate.redact.patterns', { redact: { patterns: ['x'] } }],
  ['createGate.redact.words', { redact: { words: [] } }],
  ['createGate.link', { link: 'https://inbox.test' }],
  ['createGate.clock', { clock: Date }],
  ['createGate.logger', { logger: {} }],
  ['createGate.limits.size', { limits: { size: 5 } }],
  ['createGate.limits', { limits: null }],
  ['createGate.limits', { limits: 5 }],
  ...(['depth', 'characters', 'values'] as const).flatMap((name) =>
    [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 1e9, '5', null, true].map(
      (limit): [string, object] => [`createGate.limits.${name}`, { limits: { [name]: limit } }],
    ),
  ),
  ['createGate.limits.depth', { limits: { depth: 501 } }],
  ['createGate.limits.depth', { limits: Object.create({ depth: -1 }) }],
  ['createGate.rateLimit.max', { rateLimit: { max: 0, per: '1m' } }],
  ['createGate.rateLimit.max', { rateLimit: { max: 1.5, per: '1m' } }],
  ['createGate.rateLimit.per', { rateLimit: { max: 1, per: 'minute' } }],
  ['createGate.coolDown', { coolDown: -1 }],
  ['createGate.coalesce', { coalesce: 'no' }],
  ['createGate.timeouts.policy', { timeouts: { policy: Number.NaN } }],
  ['createGate.timeouts.audit', { timeouts: { audit: '1 s' } }],
  ['createGate.delivery.attempts', { delivery: { attempts: 0 } }],
  ['createGate.delivery.backoff', { delivery: { backoff: 'long' } }],
  ['createGate.sweepEvery', { sweepEvery: 0 }],
  ['createGate.lease', { sweepEvery: '20s', lease: '30s' }],
]

function refused(options: object): string {
  try {
    createGate(options as GateOptions)
  } catch (error) {
    if (error instanceof OptionError) return error.option
    throw error
  }
  return 'nothing'
}

describe('the options of createGate', () => {
  test.each(WRONG)('%s refuses %j', (option, wrong) => {
    expect(refused({ ...sound, ...(wrong as object) })).toBe(option)
  })

  test('every option is known, and all of them together are taken', () => {
    const all: GateOptions = {
      agent: { id: 'bot', name: 'Bot', owner: person('i', 's'), model: 'm' },
      onBehalfOf: () => null,
      approvers: [desk()],
      store: memoryStore(),
      audit: memoryAudit(),
      ephemeral: false,
      policy: [when('*').allow()],
      requirement: { reviewers: group('ops'), within: '1h' },
      risk: [{ id: 'r', assess: () => ({ score: 0 }) }],
      directory: { resolve: async () => null },
      mode: 'enforce',
      wait: { inlineFor: '5s' },
      redact: { keys: ['pin'], patterns: [/x/] },
      secrets: ['a secret of thirty-two characters, or more'],
      link: (id) => id,
      clock: { now: () => 0, setTimer: () => ({ cancel() {} }) },
      logger: console,
      limits: { depth: 5, characters: 100, values: 10 },
      rateLimit: false,
      coolDown: false,
      coalesce: false,
      timeouts: { policy: '1s', lookup: '1s', delivery: '1s', audit: '1s' },
      delivery: { attempts: 1, backoff: '1s' },
      sweepEvery: '1s',
      lease: '10s',
    }
    expect(refused(all)).toBe('nothing')
    for (const name of Object.keys(all))
      expect(refused({ ...all, [`${name}x`]: 1 })).toBe(`createGate.${name}x`)
  })

  test('the highest limits are taken, and one that is not said is the default', () => {
    const limits = { depth: 500, characters: 100_000_000, values: 10_000_000 }
    expect(refused({ ...sound, limits })).toBe('nothing')
    expect(refused({ ...sound, limits: { depth: undefined } })).toBe('nothing')
  })

  test('T31: limits are read once', () => {
    const limits = { characters: 100 }
    const settings = parseGateOptions({ ...sound, limits } as GateOptions)
    limits.characters = 1e9
    expect(settings.limits).toEqual({ characters: 100 })
  })

  test('T50: arguments as deep as the highest limit allows are shown, digested and run', async () => {
    const s = scene({ limits: { depth: 500 } })
    let deep: unknown = 'bottom'
    for (let level = 0; level < 499; level += 1) deep = level % 2 === 0 ? { deep } : [deep]
    const call = attempt(s.gate.requireApproval(s.effect, { action: 'a.run' })(deep))
    await s.approve((await s.only()).id)
    await call.ended
    expect(s.runs).toEqual([[deep]])
    const deeper = attempt(s.gate.requireApproval(s.effect, { action: 'a.run' })([[deep]]))
    await settle()
    expect(deeper.code).toBe('ERR_ARGUMENTS_UNSUPPORTED')
  })

  test('nothing at all is refused, not read', () => {
    for (const nothing of [undefined, null, 5, 'gate'])
      expect(() => createGate(nothing as never)).toThrow(OptionError)
  })
})
