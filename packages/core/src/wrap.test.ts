import { createGate, GatewrightError, group, requireApproval, setDefaultGate, when } from '@gatewright/core'
import { afterEach, describe, expect, test } from 'vitest'
import { attempt, scene, settle } from '../test/scene'

afterEach(() => setDefaultGate(null))

describe('a wrapped function', () => {
  test('I7: is no generator: what one does, it would do after the log says that it has succeeded', () => {
    const s = scene()
    async function* later() {
      yield 1
    }
    function* soon() {
      yield 1
    }
    const generators: readonly (() => unknown)[] = [later, soon, later.bind(null)]
    for (const generator of generators)
      expect(() => s.gate.requireApproval(generator, { action: 'a.run' })).toThrow(
        'requireApproval: takes the function to gate, no generator',
      )
  })

  test('keeps its name, its length and its this', async () => {
    const s = scene()
    class Account {
      balance = 5
      async withdraw(amount: number, _note?: string) {
        this.balance -= amount
        return this.balance
      }
    }
    const account = new Account()
    const gated = s.gate.requireApproval(account.withdraw, { action: 'account.withdraw' })
    expect([gated.name, gated.length]).toEqual(['withdraw', 2])
    account.withdraw = gated
    const call = attempt(account.withdraw(2))
    await s.approve((await s.only()).id)
    await call.ended
    expect(call.value).toBe(3)
    expect(account.balance).toBe(3)
  })

  test('of a sync function is async, and its throw a rejection', async () => {
    const s = scene()
    const gated = s.gate.requireApproval(
      (n: number): number => {
        if (n < 0) throw new RangeError('negative')
        return n + 1
      },
      { action: 'a.run' },
    )
    const calls = [attempt(gated(1)), attempt(gated(-1))]
    for (const { id } of await s.pending()) await s.approve(id)
    await Promise.all(calls.map(({ ended }) => ended))
    expect(calls[0]?.value).toBe(2)
    expect(calls[1]?.error).toBeInstanceOf(RangeError)
  })

  test('never throws where it is called, whatever is wrong', () => {
    const gated = requireApproval(async () => {}, { action: 'a.run' })
    const call = gated()
    expect(call).toBeInstanceOf(Promise)
    return expect(call).rejects.toMatchObject({ code: 'ERR_GATE_MISSING' })
  })

  test('uses the default gate of the moment of the call, or the one it was given', async () => {
    const one = scene()
    const two = scene()
    const byDefault = requireApproval(one.effect, { action: 'a.run' })
    const given = requireApproval(one.effect, { action: 'a.run', gate: two.gate })
    setDefaultGate(one.gate)
    void attempt(byDefault())
    void attempt(given())
    expect([(await one.pending()).length, (await two.pending()).length]).toEqual([1, 1])
    setDefaultGate(two.gate)
    void attempt(byDefault())
    expect([(await one.pending()).length, (await two.pending()).length]).toEqual([1, 2])
  })

  test('wrapped before there was a gate, it can be resumed by the gate that came', async () => {
    const first = scene({ wait: 'suspend' })
    await attempt(first.gate.requireApproval(first.effect, { action: 'a.run' })('users')).ended
    const { id } = await first.only()
    await first.approve(id)
    const second = first.neighbour()
    requireApproval(second.effect, { action: 'a.run' })
    setDefaultGate(second.gate)
    const resumed = attempt(second.gate.resume(id))
    await resumed.ended
    expect(resumed.value).toBe('done')
  })

  test('refuses a gate that is none', () => {
    expect(() => requireApproval(async () => {}, { action: 'a.run', gate: {} as never })).toThrow(
      /requireApproval\.gate/,
    )
    expect(() => requireApproval(async () => {}, { action: 'a.run', gate: null as never })).toThrow(
      /requireApproval\.gate/,
    )
  })

  test('a key function that answers undefined means no key; one that throws asks nobody', async () => {
    const s = scene()
    const gated = s.gate.requireApproval(s.effect, {
      action: 'a.run',
      key: ((id: string | undefined) => {
        if (id === 'broken') throw new Error('no key')
        return id
      }) as never,
    })
    void attempt(gated(undefined))
    const broken = attempt(gated('broken'))
    expect((await s.pending()).map(({ key }) => key)).toEqual([null])
    expect(broken.state).toBe('rejected')
    expect(s.runs).toEqual([])
  })

  describe.each(['key', 'intent'] as const)('whose %s', (option) => {
    const allowed = { policy: [when('*').allow()] }

    test.each([{}, allowed])('throws: refused as what it is, and asks and runs nothing', async (options) => {
      const s = scene(options)
      const fault = new TypeError('cannot read properties of undefined')
      const make = () => {
        throw fault
      }
      const call = attempt(s.gate.requireApproval(s.effect, { action: 'a.run', [option]: make })('a secret'))
      await settle()
      expect(call.error).toBeInstanceOf(GatewrightError)
      expect(call.error).toMatchObject({ code: 'ERR_EXECUTION_BLOCKED', cause: fault })
      expect(call.message).toContain(`requireApproval.${option}`)
      expect(call.message).toContain('nothing was executed')
      expect(call.message).not.toContain('a secret')
      expect([await s.pending(), s.runs]).toEqual([[], []])
    })

    test.each([
      null,
      5,
      0n,
      Symbol('key'),
      {},
      ['k'],
      Promise.resolve('k'),
      () => Promise.reject(new Error('nobody hears it')),
    ])('gives %o: named as wrong, and asks and runs nothing', async (given) => {
      const s = scene(allowed)
      const make = (() => (typeof given === 'function' ? given() : given)) as never
      const call = attempt(s.gate.requireApproval(s.effect, { action: 'a.run', [option]: make })())
      await settle()
      expect(call.error).toMatchObject({
        code: 'ERR_OPTION_INVALID',
        option: `requireApproval.${option}`,
      })
      expect([await s.pending(), s.runs]).toEqual([[], []])
    })
  })

  test('whose key is empty is refused: every call would be the same one', async () => {
    const s = scene()
    const call = attempt(s.gate.requireApproval(s.effect, { action: 'a.run', key: () => '' })())
    await settle()
    expect(call.error).toMatchObject({ code: 'ERR_OPTION_INVALID', option: 'requireApproval.key' })
    expect(await s.pending()).toEqual([])
  })

  test.each([
    ['key', 'text'],
    ['intent', 5],
    ['retry', 'yes'],
    ['wait', 'forever'],
    ['wait', { inlineFor: 'soon' }],
    ['wait', { inline: '5s' }],
    ['parameters', 'id'],
    ['idempotent', 1],
    ['onOrphan', 'rerun'],
    ['executionTimeout', '5 minutes'],
    ['redact', ['no pointer']],
    ['pin', {}],
  ])('refuses %s: %j where it is wrapped', (option, value) => {
    const { gate, effect } = scene()
    expect(() => gate.requireApproval(effect, { action: 'a.run', [option]: value } as never)).toThrow(
      option === 'wait' ? /wait/ : option,
    )
  })

  test('is its caller’s only way: nothing leads from it to the raw function', () => {
    const { gate, effect } = scene()
    const gated = gate.requireApproval(effect, { action: 'a.run' })
    const reachable = Reflect.ownKeys(gated).map((name) => Reflect.get(gated, name) as unknown)
    expect(reachable).not.toContain(effect)
  })

  test('a context given with gate.as reaches calls below it, adds up, and ends with it', async () => {
    const s = scene()
    const gated = s.gate.requireApproval(s.effect, { action: 'a.run' })
    await s.gate.as({ runId: 'r1', intent: 'outer' }, async () => {
      await settle()
      s.gate.as(
        { intent: 'inner', agent: 'researcher', traceparent: '00-1-1-01' },
        () => void attempt(gated(1)),
      )
    })
    void attempt(gated(2))
    const [inside, outside] = await s.pending()
    expect(inside).toMatchObject({
      intent: 'inner',
      origin: { runId: 'r1', agent: 'researcher', traceparent: '00-1-1-01' },
    })
    expect(outside).toMatchObject({ intent: null, origin: { runId: null, agent: null, traceparent: null } })
  })

  test('two gates of one program do not mix', async () => {
    const options = {
      agent: { id: 'bot', owner: null },
      approvers: [],
      reviewers: group('ops'),
      ephemeral: true,
    } as const
    const one = createGate(options)
    const two = createGate(options)
    void attempt(one.requireApproval(async () => {}, { action: 'a.run' })())
    await settle()
    expect((await one.requests.list()).requests).toHaveLength(1)
    expect((await two.requests.list()).requests).toHaveLength(0)
    await Promise.all([one.close(), two.close()])
  })
})
