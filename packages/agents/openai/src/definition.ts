import { OptionError, type StandardSchema } from '@gatewright/core'

/** What a function is told beside its arguments: live values, that no person decides about. */
export interface FunctionCall {
  /** The id of the call. `undefined` where a program resumes it without the loop. */
  readonly callId: string | undefined
  /** Aborts when the loop's signal does, and when the run of the function is to end. */
  readonly signal: AbortSignal
}

/** A function for a model. */
export interface FunctionDefinition<Schema extends StandardSchema = StandardSchema> {
  /** What the model reads. */
  readonly description?: string
  /** Checks the arguments before policy sees them (T33). Schemas of zod since 4.2 can tell their JSON Schema too. */
  readonly parameters: Schema
  /** The JSON Schema of the arguments, where `parameters` cannot tell it. @default what `parameters` tells */
  readonly jsonSchema?: Readonly<Record<string, unknown>>
  /** Whether the provider keeps the model to the schema. @default not said to Chat Completions, `false` to Responses */
  readonly strict?: boolean
  /** Does it. A text is told to the model as it is, everything else as JSON. */
  execute(args: OutputOf<Schema>, call: FunctionCall): unknown
}

type OutputOf<Schema> = Schema extends StandardSchema<infer _, infer Output> ? Output : never

/** Standard JSON Schema, as far as it is used. */
interface TellsJsonSchema {
  readonly jsonSchema?: { input(options: { readonly target: 'draft-2020-12' }): Record<string, unknown> }
}

const OPTIONS = ['description', 'parameters', 'jsonSchema', 'strict', 'execute']

/** Reads the definition of a function. @throws OptionError naming what is wrong */
export function definitionOf(definition: FunctionDefinition | undefined, where: string) {
  if (typeof definition !== 'object' || definition === null)
    throw new OptionError(where, 'must be a function’s definition: { parameters, execute }')
  const stranger = Object.keys(definition).find((name) => !OPTIONS.includes(name))
  if (stranger !== undefined)
    throw new OptionError(`${where}.${stranger}`, `is not known. There are: ${OPTIONS.join(', ')}`)
  const { description, execute, jsonSchema, parameters: schema, strict } = definition
  if (typeof execute !== 'function') throw new OptionError(`${where}.execute`, 'must be a function')
  if (typeof schema?.['~standard']?.validate !== 'function')
    throw new OptionError(`${where}.parameters`, 'must be a Standard Schema, as those of zod are')
  return {
    description,
    schema,
    strict,
    parameters: jsonSchema ?? told(schema, where),
    execute: execute.bind(definition),
  }
}

function told(schema: StandardSchema, where: string): Record<string, unknown> {
  const { jsonSchema } = schema['~standard'] as TellsJsonSchema
  if (jsonSchema === undefined)
    throw new OptionError(
      `${where}.jsonSchema`,
      'is needed: the schema of the parameters cannot tell its JSON Schema',
    )
  const { $schema: _, ...parameters } = jsonSchema.input({ target: 'draft-2020-12' })
  return parameters
}
