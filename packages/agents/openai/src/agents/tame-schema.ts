type Schema = Readonly<Record<string, unknown>>

/** Members that hold schemas by names of the tool's own. */
const NAMED: ReadonlySet<string> = new Set(['properties', '$defs', 'definitions', 'dependentSchemas'])
/** Members that hold values. */
const VALUES: ReadonlySet<string> = new Set(['enum', 'const', 'default', 'examples'])
const MAX_PARTS = 2_000
const MAX_DEPTH = 100
const LONGEST_PATTERN = 200

/**
 * A JSON Schema whose check takes no longer than its size and that of the arguments say, since a stranger's MCP server may have
 * stated it: without patterns that could take for ever, which are left to the tool.
 *
 * @returns `null` for a schema that has references, which can double with each step, or is too large
 */
export function tamed(schema: object): object | null {
  let parts = 0

  function one(given: unknown, depth: number): unknown {
    parts += 1
    if (parts > MAX_PARTS || depth > MAX_DEPTH) throw new TooWild()
    if (Array.isArray(given)) return given.map((item) => one(item, depth + 1))
    if (typeof given !== 'object' || given === null) return given
    const { patternProperties, ...rest } = given as Record<string, unknown>
    if ('$ref' in rest || '$dynamicRef' in rest) throw new TooWild()
    if (typeof rest.pattern === 'string' && !isSimple(rest.pattern)) delete rest.pattern
    // Names that a pattern allows are others to whoever does not look at it.
    if (patternProperties !== undefined) delete rest.additionalProperties
    return each(rest, (name, member) => {
      if (VALUES.has(name)) return counted(member)
      return NAMED.has(name) && typeof member === 'object' && member !== null
        ? each(member as Schema, (_, inner) => one(inner, depth + 1))
        : one(member, depth + 1)
    })
  }

  function counted(value: unknown): unknown {
    if (Array.isArray(value)) parts += value.length
    return value
  }

  try {
    return one(schema, 0) as object
  } catch (error) {
    if (error instanceof TooWild) return null
    throw error
  }
}

class TooWild extends Error {}

function each(given: Schema, look: (name: string, member: unknown) => unknown): Schema {
  return Object.fromEntries(Object.entries(given).map(([name, member]) => [name, look(name, member)]))
}

/** Whether a pattern is read in one go: nothing to choose between, and at most one run, at whose every end it is read once. */
function isSimple(pattern: string): boolean {
  if (pattern.length > LONGEST_PATTERN) return false
  const bare = pattern.replace(/\\./gs, 'x').replace(/\[[^\]]*\]/g, 'x')
  if (/[()|]/.test(bare)) return false
  const runs = bare.match(/[*+?]|\{\d*,\d*\}/g)?.length ?? 0
  return runs === 0 || (runs === 1 && bare.startsWith('^'))
}
