import type { JsonObject } from '@gatewright/core'
import { z } from 'zod'
import { answer } from './answer'
import { decision, statement } from './decision'
import { payload } from './payload'
import { words } from './registry'

/** The published schemas, by what they describe. */
export interface WebhookSchemas {
  /** The body of a message to a receiver. Fields may be added to it within a version: ignore those that you do not know. */
  readonly payload: JsonObject
  /** The body of a decision. Unknown fields are refused. */
  readonly decision: JsonObject
  /** What `statement` in a decision holds, as JSON text. Unknown fields are refused. */
  readonly statement: JsonObject
  /** What a decision is answered. */
  readonly answer: JsonObject
}

/**
 * JSON Schemas (draft 2020-12) of everything that goes over the wire, in version 1. The same stand in
 * `docs/schemas/webhook.v1.json`.
 *
 * @example
 * ```ts
 * import { webhookSchemas } from '@gatewright/webhook'
 *
 * console.log(JSON.stringify(webhookSchemas().payload, null, 2))
 * ```
 */
export function webhookSchemas(): WebhookSchemas {
  return {
    payload: jsonSchema('payload', payload),
    decision: jsonSchema('decision', decision),
    statement: jsonSchema('statement', statement),
    answer: jsonSchema('answer', answer),
  }
}

function jsonSchema(name: string, schema: z.ZodType): JsonObject {
  const { $schema, ...rest } = z.toJSONSchema(schema, {
    io: 'input',
    metadata: words,
    // What the gate judges itself: any JSON.
    unrepresentable: 'any',
  })
  return JSON.parse(
    JSON.stringify({ $schema, $id: `urn:gatewright:webhook:1:${name}`, ...rest }),
  ) as JsonObject
}
