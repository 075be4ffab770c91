import { readFileSync } from 'node:fs'
import { join } from 'node:path'

interface Shape {
  readonly attributes: Readonly<Record<string, string>>
  readonly constraints?: { readonly at_least_one?: readonly string[]; readonly just_one?: readonly string[] }
  /** Attributes of the schema whose objects the extract leaves out. */
  readonly others: string
}

interface Schema {
  readonly version: string
  readonly classes: Readonly<Record<string, Shape & { readonly name: string }>>
  readonly objects: Readonly<Record<string, Shape>>
}

/** Made by `ocsf-extract.mjs` from the release of the schema. */
export const OCSF: Schema = JSON.parse(readFileSync(join(import.meta.dirname, 'ocsf-1.8.0.json'), 'utf8'))

type Values = Readonly<Record<string, unknown>>

/** What the schema does not allow in an event: an attribute that lacks, is unknown, or has another type or value. */
export function ocsfProblems(event: Values): readonly string[] {
  const shape = OCSF.classes[`${event.class_uid}`]
  if (shape === undefined) return [`class_uid ${event.class_uid} is unknown`]
  const { unmapped, ...mapped } = event
  const problems = shapeProblems('event', shape, mapped)
  if (unmapped !== undefined && (typeof unmapped !== 'object' || unmapped === null))
    problems.push('unmapped is no object')
  if (event.class_name !== shape.name) problems.push(`class_name is not ${shape.name}`)
  if (event.type_uid !== Number(event.class_uid) * 100 + Number(event.activity_id))
    problems.push('type_uid is not class_uid * 100 + activity_id')
  for (const [name, value] of Object.entries(mapped)) {
    // 99 is "Other": what it is stands beside it.
    const beside = name.replace(/_id$/, name === 'activity_id' ? '_name' : '')
    if (name.endsWith('_id') && value === 99 && typeof event[beside] !== 'string')
      problems.push(`${name} is 99, and ${beside} does not say what it is`)
  }
  return problems
}

function shapeProblems(path: string, shape: Shape, given: Values): string[] {
  const problems: string[] = []
  for (const [name, line] of Object.entries(shape.attributes)) {
    const [type = '', ...rest] = line.split(' ')
    if (Object.hasOwn(given, name)) {
      const values = rest.filter((word) => word !== 'required').map(Number)
      problems.push(...valueProblems(`${path}.${name}`, type, values, given[name]))
    } else if (rest.includes('required')) problems.push(`${path}.${name} is required`)
  }
  for (const name of Object.keys(given))
    if (!Object.hasOwn(shape.attributes, name)) problems.push(`${path}.${name} is not in the schema`)
  const { at_least_one: some, just_one: one } = shape.constraints ?? {}
  const count = (names: readonly string[]) => names.filter((name) => Object.hasOwn(given, name)).length
  if (some !== undefined && count(some) === 0) problems.push(`${path} has none of ${some.join(', ')}`)
  if (one !== undefined && count(one) !== 1) problems.push(`${path} has not just one of ${one.join(', ')}`)
  return problems
}

function valueProblems(path: string, type: string, values: readonly number[], value: unknown): string[] {
  if (type.endsWith('[]')) {
    if (!Array.isArray(value)) return [`${path} is no list`]
    return value.flatMap((one, index) => valueProblems(`${path}[${index}]`, type.slice(0, -2), values, one))
  }
  if (type === 'json_t') return []
  if (['integer_t', 'long_t', 'timestamp_t', 'port_t'].includes(type)) {
    if (!Number.isSafeInteger(value)) return [`${path} is no integer`]
    return values.length === 0 || values.includes(value as number) ? [] : [`${path} has no value ${value}`]
  }
  if (type === 'boolean_t') return typeof value === 'boolean' ? [] : [`${path} is no boolean`]
  if (type.endsWith('_t')) return typeof value === 'string' ? [] : [`${path} is no text`]
  const shape = OCSF.objects[type]
  if (shape === undefined || typeof value !== 'object' || value === null || Array.isArray(value))
    return [`${path} is no ${type}`]
  return shapeProblems(path, shape, value as Values)
}
