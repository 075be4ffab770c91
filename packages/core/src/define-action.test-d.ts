import { type } from 'arktype'
import * as v from 'valibot'
import { z } from 'zod'
import type { ActionCall } from './contracts/action'
import { type Action, defineAction } from './define-action'
import type { Equal, Expect } from './policy/test/expect-types'

type ArgsOf<Defined> = Defined extends Action<infer Args> ? Args : never
type Rows = { table: string; rows: number }

const zod = defineAction({
  name: 'data.export',
  input: z.object({ table: z.string(), rows: z.coerce.number().default(100) }),
  context: async ({ args }) => {
    const seen: Expect<Equal<typeof args, Rows>> = true
    return { resource: args.table, labels: { seen } }
  },
  pin: ({ args }) => ({ table: args.table }),
})
const valibot = defineAction({
  name: 'data.export',
  input: v.object({ table: v.string(), rows: v.pipe(v.string(), v.transform(Number)) }),
  context: ({ args }) => ({ impact: args.rows }),
})
const ark = defineAction({
  name: 'data.export',
  input: type({ table: 'string', rows: type('string').pipe((text) => Number(text)) }),
})
const text = defineAction({ name: 'mail.send', input: z.string() })
const plain = defineAction({ name: 'data.count', parameters: ['table'] })

// The type of the arguments is what the schema puts out, not what it takes in.
export type ZodOutput = Expect<Equal<ArgsOf<typeof zod>, Rows>>
export type ValibotOutput = Expect<Equal<ArgsOf<typeof valibot>, Rows>>
export type ArktypeOutput = Expect<Equal<ArgsOf<typeof ark>, Rows>>
export type TextOutput = Expect<Equal<ArgsOf<typeof text>, string>>
export type PlainArguments = Expect<Equal<ArgsOf<typeof plain>, Readonly<Record<string, unknown>>>>

// Any action will do where its arguments do not matter.
export const actions: readonly Action[] = [zod, valibot, ark, text, plain]

// An annotation checks nothing at run time, so it tells nothing at compile time.
// @ts-expect-error -- without a schema, arguments have no types
defineAction({ name: 'x', context: (call: ActionCall<{ id: number }>) => ({ resource: call.args.id }) })
// @ts-expect-error -- the schema says that `rows` is a number
defineAction({ name: 'x', input: z.object({ rows: z.number() }), pin: ({ args }) => ({ rows: args.rows }) })
// @ts-expect-error -- there is no such option
defineAction({ name: 'x', timeout: '5s' })
