import { type } from 'arktype'
import * as v from 'valibot'
import { z } from 'zod'
import type { Policy } from '../contracts/policy'
import { defineAction } from '../define-action'
import { group } from './reviewers'
import type { Equal, Expect } from './test/expect-types'
import { when } from './when'

const zod = defineAction({
  name: 'data.export',
  input: z.object({ rows: z.number().default(1), to: z.email() }),
})
const valibot = defineAction({
  name: 'data.export',
  input: v.object({ rows: v.optional(v.number(), 1), to: v.string() }),
})
const ark = defineAction({ name: 'data.export', input: type({ rows: 'number = 1', to: 'string' }) })

when(zod).if(({ args }) => {
  const typed: Expect<Equal<typeof args, { rows: number; to: string }>> = true
  return typed && args.rows > 10
})
when(valibot).if(({ args }) => {
  const typed: Expect<Equal<typeof args, { rows: number; to: string }>> = true
  return typed && args.rows > 10
})
when(ark).if(({ args }) => {
  const typed: Expect<Equal<typeof args, { rows: number; to: string }>> = true
  return typed && args.rows > 10
})
when('data.*').if(({ args }) => {
  const typed: Expect<Equal<typeof args, Readonly<Record<string, unknown>>>> = true
  return typed && typeof args.rows === 'number' && args.rows > 10
})

export const rules: readonly Policy[] = [
  when(zod)
    .except('data.count', ark)
    .if(async ({ risk }) => risk.score > 0.5)
    .deny('too risky'),
  when('*').allow({ id: 'all', version: 2 }),
  when('*').require({ reviewers: group('ops'), reason: 'it is big' }),
]

// @ts-expect-error -- without a schema, nothing is known to be a number
when('data.*').if(({ args }) => args.rows > 10)
// @ts-expect-error -- there is no such argument
when(zod).if(({ args }) => args.row > 10)
// @ts-expect-error -- T40: a forgotten return
when(zod).if(({ args }) => {
  args.rows > 10
})
// @ts-expect-error -- a truthy value is no answer
when(zod).if(({ args }) => args.rows)
// @ts-expect-error -- a rule that is not finished is no policy
export const unfinished: Policy = when('*')
// @ts-expect-error -- T40: a misspelt option
when('*').require({ reviewers: group('ops'), whithin: '1h' })
// @ts-expect-error -- a denial has a reason
when('*').deny()
