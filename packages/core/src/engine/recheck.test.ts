import { when } from '@gatewright/core'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { attempt, type Scene, scene } from '../../test/scene'

interface Stream {
  readonly id: number
  bytes: number
  write(): void
}

const stream = (id = 7): Stream => ({ id, bytes: 10, write() {} })

const facts = {
  stream: (value: unknown) => ({ id: (value as Stream).id, bytes: (value as Stream).bytes }),
}

/** Each changes what the caller gave: a default, a coercion, keys dropped, the live value itself. */
const SCHEMAS = {
  'fills in defaults': z.object({ to: z.string().default('ops'), stream: z.custom<Stream>() }),
  'trims and converts': z.object({
    to: z.string().trim().toLowerCase(),
    stream: z.custom<Stream>(),
    when: z.coerce.date(),
  }),
  'drops what it does not know': z.object({ to: z.object({ name: z.string() }), stream: z.custom<Stream>() }),
  'wraps the live value': z.object({
    to: z.string(),
    stream: z.custom<Stream>().transform((inner): Stream => ({ id: inner.id * 2, bytes: 0, write() {} })),
  }),
  'gives something else each time': z.object({
    to: z.string().transform((to) => `${to} ${Math.random()}`),
    stream: z.custom<Stream>(),
  }),
}

const ARGS: Record<keyof typeof SCHEMAS, (live: Stream) => unknown[]> = {
  'fills in defaults': (live) => [undefined, live],
  'trims and converts': (live) => [' OPS ', live, '2026-01-01'],
  'drops what it does not know': (live) => [{ name: 'ops', note: 'x' }, live],
  'wraps the live value': (live) => ['ops', live],
  'gives something else each time': (live) => ['ops', live],
}

function gated(s: Scene, input?: z.ZodType) {
  return s.gate.requireApproval(s.effect, {
    action: 'data.send',
    parameters: ['to', 'stream', 'when'],
    facts,
    ...(input === undefined ? {} : { input: input as never }),
  })
}

describe('live values and a schema', () => {
  test.each(Object.keys(SCHEMAS) as (keyof typeof SCHEMAS)[])(
    'an approved call runs as it was shown where the schema %s',
    async (name) => {
      const s = scene()
      const live = stream()
      const call = attempt(gated(s, SCHEMAS[name])(...ARGS[name](live)))
      const { id } = await s.only()
      await s.approve(id)
      await call.ended
      expect([call.code, (await s.request(id)).status]).toEqual([undefined, 'succeeded'])
      expect(s.runs).toHaveLength(1)
      const given = s.runs[0]?.[1] as Stream
      if (name === 'wraps the live value') expect(given.id).toBe(14)
      else expect(given).toBe(live)
    },
  )

  test('one allowed by a rule, under a key, runs too', async () => {
    const s = scene({ policy: [when('*').allow()] })
    const tool = gated(s, SCHEMAS['fills in defaults'])
    const call = attempt(s.gate.as({ callId: 'c-1' }, () => tool(undefined, stream())))
    await call.ended
    expect(call.value).toBe('done')
  })

  test.each([undefined, SCHEMAS['fills in defaults']])(
    'T09: a live value that no longer looks as it was shown makes the approval fall',
    async (schema) => {
      const s = scene()
      const live = stream()
      const call = attempt(gated(s, schema)('ops', live))
      const { id } = await s.only()
      live.bytes = 10_000
      await s.approve(id)
      await call.ended
      expect(call.code).toBe('ERR_APPROVAL_INVALIDATED')
      expect((await s.request(id)).resolution?.reason).toMatch('a live argument changed')
      expect(s.runs).toEqual([])
    },
  )

  test('T09: what the caller changes beside its live values neither runs nor makes the approval fall', async () => {
    const s = scene()
    const live = stream()
    const to = { name: 'ops' }
    const call = attempt(gated(s, SCHEMAS['drops what it does not know'])(to, live))
    const { id } = await s.only()
    to.name = 'everyone'
    await s.approve(id)
    await call.ended
    expect(s.runs).toEqual([[{ name: 'ops' }, live]])
  })

  test('I1: a live value that can no longer be described makes the approval fall', async () => {
    const s = scene()
    const live: { id: number; bytes: number } = { id: 7, bytes: 1 }
    const call = attempt(gated(s)('ops', live))
    const { id } = await s.only()
    Object.defineProperty(live, 'bytes', {
      get() {
        throw new Error('closed')
      },
    })
    await s.approve(id)
    await call.ended
    expect(call.code).toBe('ERR_APPROVAL_INVALIDATED')
    expect(s.runs).toEqual([])
  })
})
