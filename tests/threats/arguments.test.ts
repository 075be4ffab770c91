import { type ActionOptions, group, type Policy, type ReviewDocument, when } from '@gatewright/core'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { ada, attempt, desk, mentions, scene, settle } from '../../packages/core/test/scene'

/** Every text that the reviewer of the only request is shown. */
async function shown(
  s: ReturnType<typeof scene>,
): Promise<{ readonly review: ReviewDocument; readonly text: string }> {
  const { id } = await s.only()
  const review = await s.gate.requests.review(id)
  if (review === null) throw new Error('there is no review')
  return { review, text: JSON.stringify(review) }
}

describe('what is asked for is what runs', () => {
  test.each(['before the gate has started', 'while it waits', 'after the approval'])(
    'T09: arguments mutated %s do not run',
    async (when) => {
      const s = scene({ wait: 'suspend' })
      if (when !== 'before the gate has started') await s.gate.start()
      const tool = s.gate.requireApproval(s.effect, { action: 'data.export', key: () => 'k' })
      const args = { table: 'users', filter: { rows: 10 }, columns: ['id'] }
      const mutate = () => {
        args.table = 'salaries'
        args.filter.rows = 1_000_000
        args.columns.push('password')
      }
      const first = attempt(tool(args))
      if (when === 'before the gate has started') mutate()
      await first.ended
      const { text } = await shown(s)
      expect(text).not.toContain('salaries')
      if (when === 'while it waits') mutate()
      const { id } = await s.only()
      await s.approve(id)
      if (when === 'after the approval') mutate()
      await attempt(s.gate.resume(id)).ended
      expect(s.runs).toEqual([[{ table: 'users', filter: { rows: 10 }, columns: ['id'] }]])
      expect(mentions(s.audit.events, 'salaries')).toBe(false)
    },
  )

  test('T09: gate.request() copies its arguments when it is called', async () => {
    const s = scene()
    const args = { table: 'users' }
    const answer = attempt(s.gate.request({ action: 'data.export', args }))
    args.table = 'salaries'
    const { id } = await s.only()
    await s.approve(id)
    await answer.ended
    const given: unknown[] = []
    await answer.value?.execute(async (approved) => given.push(approved))
    expect(given).toEqual([{ table: 'users' }])
  })

  test('T09: a function cannot reach the snapshot through its arguments', async () => {
    const s = scene()
    const seen: string[] = []
    const tool = s.gate.requireApproval(
      async (args: { table: string }) => {
        seen.push(args.table)
        args.table = 'salaries'
        throw new Error('try again')
      },
      { action: 'data.export', key: () => 'k', retry: true, idempotent: true },
    )
    const first = attempt(tool({ table: 'users' }))
    await s.approve((await s.only()).id)
    await first.ended
    await attempt(tool({ table: 'users' })).ended
    expect(seen).toEqual(['users', 'users'])
  })

  test('T10: a file that changes while the request waits makes the approval fall', async () => {
    const files = new Map([['deploy.sh', 'echo hello']])
    const s = scene()
    const pin: NonNullable<ActionOptions['pin']> = ({ args }) => ({
      script: files.get(String(args['path'])) ?? 'gone',
    })
    const tool = s.gate.requireApproval(s.effect, { action: 'script.run', parameters: ['path'], pin })
    const call = attempt(tool('deploy.sh'))
    const { id } = await s.only()
    files.set('deploy.sh', 'rm -rf /')
    await s.approve(id)
    await call.ended
    expect(call.code).toBe('ERR_APPROVAL_INVALIDATED')
    expect(s.runs).toEqual([])
    const [fallen] = await s.events('request.invalidated')
    expect(fallen?.data['reason']).toContain('script')
  })

  test('T10: a pin that appears, disappears or cannot be taken makes the approval fall', async () => {
    const cases: readonly [unknown, unknown][] = [
      [{ a: '1' }, { a: '1', b: '2' }],
      [{ a: '1', b: '2' }, { a: '1' }],
      [{ a: '1' }, {}],
      [{ a: '1' }, undefined],
      [{ a: '1' }, () => Promise.reject(new Error('gone'))],
    ]
    for (const [before, after] of cases) {
      let pins = before
      const s = scene()
      const tool = s.gate.requireApproval(s.effect, {
        action: 'script.run',
        pin: () => (typeof pins === 'function' ? pins() : pins),
      })
      const call = attempt(tool())
      const { id } = await s.only()
      pins = after
      await s.approve(id)
      await call.ended
      expect(call.code).toBe('ERR_APPROVAL_INVALIDATED')
      expect(s.runs).toEqual([])
    }
  })

  test('T10: an approval carried over to a retry falls when the file changed since it was given', async () => {
    let file = 'echo hello'
    const s = scene()
    let ran = 0
    const tool = s.gate.requireApproval(
      async () => {
        ran += 1
        throw new Error('no network')
      },
      { action: 'script.run', pin: () => ({ script: file }), key: () => 'k', retry: true, idempotent: true },
    )
    const first = attempt(tool())
    await s.approve((await s.only()).id)
    await first.ended
    expect(ran).toBe(1)
    file = 'rm -rf /'
    void attempt(tool())
    await settle()
    expect(ran).toBe(1)
  })

  test('T11: labels come from the host’s lookup, and the arguments cannot pass for them', async () => {
    const s = scene()
    const tool = s.gate.requireApproval(s.effect, {
      action: 'customer.delete',
      parameters: ['customer'],
      context: ({ args }) => ({
        labels: {
          name: (args['customer'] as { id: string }).id === 'c9' ? 'Acme Corp (enterprise)' : 'unknown',
        },
      }),
    })
    void attempt(tool({ id: 'c9', label: 'test account', context: { labels: { name: 'test account' } } }))
    const { review } = await shown(s)
    if (review.content.context.status !== 'available') throw new Error('the context is missing')
    expect(review.content.context.labels.map(({ text }) => text)).toEqual(['Acme Corp (enterprise)'])
    expect(review.content.arguments.map(({ path, text }) => [path, text])).toContainEqual([
      '/customer/label',
      'test account',
    ])
  })

  test('T11: what a lookup changes in its copy of the arguments does not run', async () => {
    const s = scene()
    const tool = s.gate.requireApproval(s.effect, {
      action: 'data.export',
      parameters: ['input'],
      context: ({ args }) => {
        try {
          Object.assign(args['input'] as object, { table: 'salaries' })
        } catch {}
        return {}
      },
    })
    const call = attempt(tool({ table: 'users' }))
    await s.approve((await s.only()).id)
    await call.ended
    expect(s.runs).toEqual([[{ table: 'users' }]])
  })

  test('T12: a lying summary is labelled, and the arguments stand beside it', async () => {
    const s = scene()
    const tool = s.gate.requireApproval(s.effect, {
      action: 'data.drop',
      parameters: ['table'],
      intent: () => 'just counting rows\n\nARGUMENTS: none',
    })
    void attempt(tool('customers'))
    const { review } = await shown(s)
    expect(review.content.intent).toMatchObject({ label: 'the agent says' })
    expect(review.content.arguments).toMatchObject([{ path: '/table', text: 'customers' }])
    expect(review.content.title).toBeNull()
  })

  test('T13: what was cut off cannot be approved in place; the full view can', async () => {
    const small = desk('small', { limits: { leafCharacters: 20, leaves: 3, totalCharacters: 100 } })
    const s = scene({ approvers: [small], link: (id) => `https://inbox.test/${id}` })
    const call = attempt(
      s.gate.requireApproval(s.effect, { action: 'shell.run', parameters: ['command'] })(
        `echo ${' '.repeat(200)}; rm -rf /`,
      ),
    )
    const { id } = await s.only()
    const [message] = small.messages
    expect(message?.review.complete).toBe(false)
    const receipt = await small.host.vote({
      requestId: id,
      decision: 'approve',
      digest: message?.review.digest ?? '',
      actor: ada,
    })
    expect(receipt).toMatchObject({
      status: 'refused',
      reason: 'incomplete-view',
      link: `https://inbox.test/${id}`,
    })
    expect(s.runs).toEqual([])
    expect((await s.events('vote.refused')).map(({ data }) => data['reason'])).toEqual(['incomplete-view'])
    await s.approve(id)
    await call.ended
    expect(s.runs).toHaveLength(1)
  })

  test('T13: a truncated document may be rejected in place', async () => {
    const small = desk('small', { limits: { leafCharacters: 5, leaves: 1, totalCharacters: 5 } })
    const s = scene({ approvers: [small] })
    const call = attempt(
      s.gate.requireApproval(s.effect, { action: 'shell.run' })('a long command indeed', 'and more'),
    )
    const { id } = await s.only()
    await s.reject(id, undefined, 'too long for me')
    expect(call.code).toBe('ERR_APPROVAL_REJECTED')
    expect(s.runs).toEqual([])
  })

  test('T14: every argument stands on the card, whatever the parameters are called', async () => {
    const s = scene()
    void attempt(
      s.gate.requireApproval(s.effect, { action: 'data.export', parameters: ['table'] })({
        a: { b: [1, { c: null }] },
        d: [],
        e: {},
        f: '',
      }),
    )
    const { review } = await shown(s)
    expect(review.content.arguments.map(({ path }) => path)).toEqual([
      '/table/a/b/0',
      '/table/a/b/1/c',
      '/table/d',
      '/table/e',
      '/table/f',
    ])
  })

  test('T14: an argument beyond the named ones is refused, not dropped', async () => {
    const s = scene()
    const tool = s.gate.requireApproval(s.effect, { action: 'data.export', parameters: ['table'] })
    const call = attempt(tool('users', { andAlso: 'salaries' }))
    await settle()
    expect(call.code).toBe('ERR_ARGUMENTS_INVALID')
    expect(await s.pending()).toEqual([])
    expect(s.runs).toEqual([])
  })

  test('T15: markup and mentions in arguments are data on the card', async () => {
    const s = scene()
    const hostile = '<!channel> **bold** </pre><script>alert(1)</script> ``` [ok](https://evil.test)'
    void attempt(s.gate.requireApproval(s.effect, { action: 'data.export', parameters: ['table'] })(hostile))
    const { review } = await shown(s)
    expect(review.content.arguments).toMatchObject([{ path: '/table', type: 'string', text: hostile }])
    expect(review.content.arguments).toHaveLength(1)
  })

  test('T16: hidden characters are visible in arguments, keys, intent, notes and names, on the card and in the log', async () => {
    const s = scene()
    const hidden = 'pay\u202eevil\u200b\u{e0041}\u0007'
    const tool = s.gate.requireApproval(s.effect, {
      action: 'data.export',
      parameters: ['input'],
      title: hidden,
      intent: () => hidden,
    })
    void attempt(tool({ [hidden]: hidden }))
    const { id } = await s.only()
    await s.approve(id, undefined, { note: hidden })
    const told = JSON.stringify([
      s.desk.messages,
      s.desk.updates,
      await s.events('request.created'),
      await s.events('request.vote-cast'),
    ])
    for (const character of ['\u202e', '\u200b', '\u{e0041}', '\\u0007', '\u0007'])
      expect(told).not.toContain(character)
    expect(s.runs).toEqual([[{ [hidden]: hidden }]])
  })

  test('T16: a token that mixes scripts is marked', async () => {
    const s = scene()
    void attempt(
      s.gate.requireApproval(s.effect, { action: 'mail.send', parameters: ['to'] })('billing@pаypal.test'),
    )
    const { review } = await shown(s)
    expect(review.content.arguments[0]?.marks).toContain('mixed-script')
  })

  test('T16: broken characters in intents, notes, errors and results hurt nobody', async () => {
    const broken = 'half \ud800 of a pair'
    for (const fails of [true, false]) {
      const s = scene()
      const tool = s.gate.requireApproval(
        async () => {
          if (fails) throw new Error(broken)
          return { text: broken }
        },
        { action: 'data.export', intent: () => broken, title: broken },
      )
      const call = attempt(tool())
      const { id } = await s.only()
      await s.approve(id, undefined, { note: broken })
      await call.ended
      expect(fails ? call.message : call.value).toEqual(fails ? broken : { text: broken })
      expect((await s.request(id)).status).toBe(fails ? 'failed' : 'succeeded')
      expect(await s.types(id)).toHaveLength(5)
    }
  })

  test('T17: the agent’s words and a low signal never lower the risk', async () => {
    const s = scene({
      risk: [
        { id: 'model', assess: () => ({ score: 0, reasons: ['the model says: harmless'] }) },
        { id: 'rows', assess: () => ({ score: 0.9, reasons: ['a million rows'] }) },
        { id: 'model again', assess: ({ intent }) => ({ score: intent?.includes('risk: low') ? 0 : 1 }) },
      ],
      policy: [
        when('*')
          .if(({ risk }) => risk.score < 0.5)
          .allow(),
      ],
    })
    const call = attempt(
      s.gate.requireApproval(s.effect, { action: 'data.export', intent: () => 'risk: low' })(),
    )
    const { review } = await shown(s)
    expect(review.content.risk).toMatchObject({ score: 0.9, level: 'critical' })
    expect(s.runs).toEqual([])
    expect(call.state).toBe('waiting')
  })

  test('T33: arguments that a rule cannot read are denied, never "no rule matched"', async () => {
    const rule = when('data.export').if(({ args }) => (args['filter'] as { rows: number }).rows > 10)
    const s = scene({ policy: [rule.require({ reviewers: group('security') }), when('*').allow()] })
    const tool = s.gate.requireApproval(s.effect, { action: 'data.export', parameters: ['filter'] })
    for (const hostile of [undefined, null, { get: 1 }]) {
      const call = attempt(tool(hostile))
      await settle()
      if (hostile?.get === undefined) expect(call.code).toBe('ERR_APPROVAL_DENIED')
    }
    expect(mentions(await s.events('call.denied'), '"failed":true')).toBe(true)
    expect(s.runs.every(([filter]) => filter !== undefined && filter !== null)).toBe(true)
  })

  test('T33: arguments that do not fit the schema reach no rule, no reviewer and no function', async () => {
    const asked: unknown[] = []
    const spy: Policy = {
      id: 'spy',
      version: 1,
      decide({ args }) {
        asked.push(args)
        return { effect: 'allow' }
      },
    }
    const s = scene({ policy: [spy] })
    const input = z.object({ rows: z.number().int().max(10) }).strict()
    const tool = s.gate.requireApproval(s.effect, { action: 'data.export', input: input as never })
    for (const hostile of [undefined, null, 'rows', { rows: '1' }, { rows: 11 }, { rows: 1, admin: true }]) {
      const call = attempt(tool(hostile))
      await settle()
      expect(call.code).toBe('ERR_ARGUMENTS_INVALID')
      expect(call.message).toMatch(/nothing was executed/i)
    }
    expect(asked).toEqual([])
    expect(s.runs).toEqual([])
    await attempt(tool({ rows: 1 })).ended
    expect(s.runs).toEqual([[{ rows: 1 }]])
  })

  test('T43: a secret in the arguments reaches the function, and neither people nor the log', async () => {
    const secret = 'xoxb-123456789012-123456789012-abcdefghijklmnopqrstuvwx'
    const s = scene()
    const call = attempt(
      s.gate.requireApproval(s.effect, { action: 'mail.send', parameters: ['body', 'token'] })(
        `hello ${secret}`,
        secret,
      ),
    )
    await s.approve((await s.only()).id)
    await call.ended
    expect(s.runs).toEqual([[`hello ${secret}`, secret]])
    await s.types()
    expect(mentions([s.audit.events, s.desk.messages, s.desk.updates, s.logger.entries], secret)).toBe(false)
  })

  test('T50: what cannot be copied faithfully is refused at the call, before anybody is asked', async () => {
    const cyclic: Record<string, unknown> = {}
    cyclic['self'] = cyclic
    let deep: unknown = 'bottom'
    for (let level = 0; level < 10_000; level += 1) deep = { deep }
    const sparse: unknown[] = []
    sparse[3] = 'x'
    class Account {
      readonly id = 1
    }
    const hostile: readonly unknown[] = [
      cyclic,
      deep,
      sparse,
      'x'.repeat(2_000_000),
      () => 'code',
      Symbol('s'),
      new Account(),
      new WeakMap(),
      Promise.resolve(),
      new Date(Number.NaN),
      JSON.parse('{"__proto__": {"admin": true}}'),
      '\ud800',
      new Error('x'),
    ]
    const s = scene()
    const tool = s.gate.requireApproval(s.effect, { action: 'data.export' })
    for (const argument of hostile) {
      const call = attempt(tool({ nested: argument }))
      await settle()
      expect(call.code).toBe('ERR_ARGUMENTS_UNSUPPORTED')
      expect(call.message).toMatch(/nothing was executed/i)
    }
    expect(await s.pending()).toEqual([])
    expect(s.runs).toEqual([])
  })

  test('T50: what can be copied runs as it was', async () => {
    const s = scene()
    const args = [
      {
        big: 10n ** 30n,
        when: new Date(5),
        map: new Map([[{ k: 1 }, new Set([1, undefined])]]),
        bytes: new Uint8Array([1, 2]),
        url: new URL('https://a.test/'),
        nothing: undefined,
        nan: Number.NaN,
        zero: -0,
        $type: 'date',
      },
    ]
    const call = attempt(s.gate.requireApproval(s.effect, { action: 'data.export' })(...args))
    await s.approve((await s.only()).id)
    await call.ended
    expect(s.runs).toEqual([args])
    expect(s.runs[0]?.[0]).not.toBe(args[0])
  })

  test('T50: values that differ in type alone have different digests', async () => {
    const s = scene({ coalesce: false })
    const tool = s.gate.requireApproval(s.effect, { action: 'data.export' })
    const lookalikes = [
      '1',
      1,
      1n,
      [1],
      { 0: 1 },
      new Date(1),
      '1970-01-01T00:00:00.001Z',
      null,
      undefined,
      -0,
      0,
      new Map(),
      new Set(),
      {},
      { $type: 'bigint', value: '1' },
    ]
    for (const value of lookalikes) void attempt(tool(value))
    const digests = (await s.pending()).map(({ argumentsDigest }) => argumentsDigest)
    expect(new Set(digests).size).toBe(lookalikes.length)
  })
})
