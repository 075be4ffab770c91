import type { StandardSchema } from '@gatewright/core'
import { fitting, misfits } from '@gatewright/core/agents'
import { hintsOf, type ToolHints } from './hints'
import { isRecord, twinOf } from './messages'

/** Reads one page of the server's `tools/list`. */
export type ReadPage = (cursor: string | undefined) => Promise<unknown>

/** What a server says of its tools. */
export interface ToolList {
  /**
   * Whether the server has a tool of that name, as far as it tells; `unknown` where it gives no list. Read when it is first
   * needed, after it changed, and once more before a name counts as absent or arguments as wrong.
   */
  look(name: string, args: unknown, read: ReadPage): Promise<'there' | 'absent' | 'unknown'>
  /** The server says that its list changed. */
  changed(): void
  hints(name: string): ToolHints
  /** The schema of a tool's arguments, as it is known when they are checked. */
  schema(name: string): StandardSchema
}

interface Known {
  readonly schema: unknown
  readonly hints: ToolHints
}

/** A list of more pages than this is not a list: the server goes round in circles. */
const MAX_PAGES = 200
const MAX_WAIT_MS = 10_000

/**
 * Keeps what a server says of its tools.
 *
 * @param listed - told every list, as names; what it throws ends the call that needed it
 */
export function toolList(listed: (names: readonly string[]) => void): ToolList {
  let tools: ReadonlyMap<string, Known> | null = null
  let stale = true
  let reading: Promise<void> | null = null

  async function readNow(read: ReadPage): Promise<void> {
    try {
      tools = await within(MAX_WAIT_MS, readAll(read))
    } catch {
      // Calls are then looked at without a schema, and with the worst hints; the next one tries again.
      tools = null
      return
    }
    listed([...tools.keys()])
    stale = false
  }

  function refresh(read: ReadPage): Promise<void> {
    reading ??= readNow(read).finally(() => {
      reading = null
    })
    return reading
  }

  return {
    async look(name, args, read) {
      // A list that another connection was reading may be older than this call.
      const fresh = stale && reading === null
      if (stale) await refresh(read)
      const found = tools?.get(name)
      const doubted = tools !== null && (found === undefined || misfits(found.schema, args).length > 0)
      if (doubted && !fresh) await refresh(read)
      if (tools === null) return 'unknown'
      return tools.has(name) ? 'there' : 'absent'
    },
    changed() {
      stale = true
    },
    hints: (name) => tools?.get(name)?.hints ?? hintsOf(undefined),
    schema: (name) => unambiguous(() => tools?.get(name)?.schema),
  }
}

/** Fits, and spells no argument otherwise than the schema: some servers would take it for that, and rules look at the other. */
function unambiguous(schema: () => unknown): StandardSchema {
  const fits = fitting(schema)
  return {
    '~standard': {
      version: 1,
      vendor: 'gatewright',
      validate(value) {
        const said = schema()
        const names = isRecord(said) && isRecord(said.properties) ? Object.keys(said.properties) : []
        const twin = isRecord(value) ? twinOf(names, value) : undefined
        if (twin === undefined) return fits['~standard'].validate(value)
        return { issues: [{ path: [twin], message: 'is spelt otherwise in the schema of the tool' }] }
      },
    },
  }
}

async function readAll(read: ReadPage): Promise<ReadonlyMap<string, Known>> {
  const found = new Map<string, Known>()
  let cursor: string | undefined
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const result = await read(cursor)
    if (!isRecord(result) || !Array.isArray(result.tools)) throw new Error('that is no list of tools')
    for (const tool of result.tools) {
      if (!isRecord(tool) || typeof tool.name !== 'string') continue
      found.set(tool.name, { schema: tool.inputSchema, hints: hintsOf(tool.annotations) })
    }
    if (typeof result.nextCursor !== 'string') return found
    cursor = result.nextCursor
  }
  throw new Error('the list of tools has no end')
}

async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error('the list of tools does not come')), ms)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}
