import { OptionError, type StandardSchema } from '@gatewright/core'
import type { FunctionDefinition } from './functions'

/** A Standard Schema that can tell its JSON Schema, as those of zod since 4.2 do. */
export interface ParametersSchema<Input = unknown, Output = Input> extends StandardSchema<Input, Output> {}

interface TellsJsonSchema {
  readonly jsonSchema?: { input(options: { readonly target: 'draft-2020-12' }): Record<string, unknown> }
}

const OPTIONS = ['description', 'parameters', 'jsonSchema', 'strict', 'execute']

/** Reads the definition of a function. @throws OptionError naming what is wrong */
export function parametersOf(definition: FunctionDefinition | undefined, where: string) {
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
