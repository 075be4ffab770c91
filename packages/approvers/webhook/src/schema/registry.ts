import { z } from 'zod'

/** What the published schemas say beside the types. Ours alone: zod's own registry is shared by a whole program. */
export const words = z.registry<{
  readonly id?: string
  readonly description?: string
  readonly format?: string
}>()

/** A text of at least one character. */
export const text = z.string().min(1)

/** Milliseconds since the Unix epoch. */
export const time = z.number().register(words, { description: 'Milliseconds since the Unix epoch' })
