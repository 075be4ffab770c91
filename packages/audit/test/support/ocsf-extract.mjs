// Takes from a checkout of github.com/ocsf/ocsf-schema what the export's test needs of it:
//   git clone --branch 1.8.0 https://github.com/ocsf/ocsf-schema
//   node ocsf-extract.mjs ocsf-schema > ocsf-1.8.0.json
// Classes and objects come with what they inherit and include, attributes with the dictionary's type and values. Of
// attributes whose object is not listed below, the name alone is kept: the export does not use them.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const CLASSES = [
  'base_event',
  'system/event_log_activity',
  'iam/entity_management',
  'application/application_lifecycle',
  'application/api_activity',
]
const OBJECTS = [
  'actor',
  'api',
  'authorization',
  'fingerprint',
  'idp',
  'managed_entity',
  'metadata',
  'network_endpoint',
  'observable',
  'policy',
  'product',
  'request',
  'response',
  'user',
]
const [checkout = '.'] = process.argv.slice(2)
const read = (path) => JSON.parse(readFileSync(join(checkout, path), 'utf8'))
const dictionary = read('dictionary.json')
const categories = read('categories.json').attributes

/** An attribute's own part, over what the class or object inherits of it. */
const merge = (under, over) => {
  const merged = structuredClone(under)
  for (const [name, attribute] of Object.entries(over)) {
    const inherited = merged[name] ?? {}
    const values = { ...inherited.enum, ...attribute.enum }
    merged[name] = { ...inherited, ...attribute, ...(Object.keys(values).length > 0 && { enum: values }) }
  }
  return merged
}

const included = ({ $include = [], ...own }) =>
  $include.reduce((attributes, path) => merge(read(path).attributes, attributes), own)

const events = new Map(
  readdirSync(join(checkout, 'events'), { recursive: true })
    .filter((path) => path.endsWith('.json'))
    .map((path) => [read(`events/${path}`).name, `events/${path}`]),
)

function resolve(path, pathOf) {
  const { attributes, constraints, extends: base, ...rest } = read(path)
  const parent = base === undefined ? { attributes: {} } : resolve(pathOf(base), pathOf)
  return {
    ...parent,
    ...rest,
    constraints: constraints ?? parent.constraints,
    attributes: merge(parent.attributes, included(attributes)),
  }
}

/** Each attribute as a line: its type, whether it must be there, and the numbers it may have. */
function compact({ attributes, constraints }) {
  const kept = {}
  const others = []
  for (const [name, attribute] of Object.entries(attributes)) {
    const { type: plain = 'string_t', is_array = false, enum: known = {} } = dictionary.attributes[name] ?? {}
    const type = attribute.type ?? plain
    if (!type.endsWith('_t') && !OBJECTS.includes(type)) {
      others.push(name)
      continue
    }
    const required = attribute.requirement === 'required' ? ['required'] : []
    const values = Object.keys({ ...known, ...attribute.enum })
    kept[name] = [is_array ? `${type}[]` : type, ...required, ...values].join(' ')
  }
  return { ...(constraints && { constraints }), attributes: kept, others: others.join(' ') }
}

const classes = CLASSES.map((name) => {
  const resolved = resolve(`events/${name}.json`, (base) => events.get(base))
  const category = categories[resolved.category]?.uid ?? 0
  const uid = category * 1000 + (resolved.uid ?? 0)
  const shape = compact(resolved)
  // The schema's own server sets these two for each class.
  shape.attributes.class_uid = `integer_t required ${uid}`
  shape.attributes.category_uid = `integer_t required ${category}`
  return [uid, { name: resolved.caption, ...shape }]
})
const objects = OBJECTS.map((name) => [
  name,
  compact(resolve(`objects/${name}.json`, (base) => `objects/${base}.json`)),
])

// An observable's kinds are spread over the schema: types, objects, and attributes of objects carry their numbers.
const kinds = new Set([0, 99])
const collect = (part) => {
  if (typeof part !== 'object' || part === null) return
  if (typeof part.observable === 'number') kinds.add(part.observable)
  for (const one of Object.values(part)) collect(one)
}
collect(dictionary.types)
for (const path of readdirSync(join(checkout, 'objects')))
  if (path.endsWith('.json')) collect(read(`objects/${path}`))
const extract = {
  version: read('version.json').version,
  classes: Object.fromEntries(classes),
  objects: Object.fromEntries(objects),
}
const numbers = [...kinds].sort((one, other) => one - other)
extract.objects.observable.attributes.type_id = ['integer_t', 'required', ...numbers].join(' ')
process.stdout.write(`${JSON.stringify(extract, null, 1)}\n`)
