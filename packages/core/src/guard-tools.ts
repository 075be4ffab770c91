import { GatewrightError } from './errors'
import { GATED } from './wrap'

/** Properties under which frameworks keep what a tool does. */
const RUNNERS = ['execute', 'func', 'handler', 'run', 'call', 'invoke', 'callback'] as const

/**
 * Whether a tool runs only through a gate: it is a gated function, an object marked as gated by an adapter, or an object
 * whose every runner is gated.
 */
export function isGated(tool: unknown): boolean {
  if ((typeof tool !== 'function' && typeof tool !== 'object') || tool === null) return false
  if (Object.hasOwn(tool, GATED)) return true
  if (typeof tool === 'function') return false
  const runners = RUNNERS.filter((name) => Object.hasOwn(tool, name)).map(
    (name) => (tool as Record<string, unknown>)[name],
  )
  const functions = runners.filter((runner) => typeof runner === 'function')
  return functions.length > 0 && functions.every((runner) => Object.hasOwn(runner as object, GATED))
}

/**
 * Checks every tool of a list or record, and gives back a view of it that refuses ungated tools added later (T32).
 *
 * @throws GatewrightError `ERR_TOOL_UNGATED`
 */
export function guardTools<Tools extends object>(tools: Tools): Tools {
  assertAllGated(tools)
  return new Proxy(tools, {
    set(target, name, value, receiver) {
      assertSlot(target, name, value)
      return Reflect.set(target, name, value, receiver)
    },
    defineProperty(target, name, descriptor) {
      // An accessor could answer with another tool each time.
      if (!('value' in descriptor) && isSlot(target, name) && ('get' in descriptor || 'set' in descriptor))
        throw ungated(String(name))
      if ('value' in descriptor) assertSlot(target, name, descriptor.value)
      return Reflect.defineProperty(target, name, descriptor)
    },
    setPrototypeOf() {
      return false
    },
  })
}

/** Looks at hidden and inherited tools too: an agent finds them by name all the same. */
function assertAllGated(tools: object): void {
  for (
    let holder: object | null = tools;
    holder !== null && !BUILT_IN.has(holder);
    holder = Object.getPrototypeOf(holder)
  ) {
    for (const [name, descriptor] of Object.entries(Object.getOwnPropertyDescriptors(holder))) {
      if (!isSlot(holder, name)) continue
      // An accessor could answer with another tool each time.
      if (!('value' in descriptor)) throw ungated(name)
      assertGated(name, descriptor.value)
    }
  }
}

const BUILT_IN: ReadonlySet<object> = new Set([Object.prototype, Array.prototype])

function isSlot(target: object, name: PropertyKey): boolean {
  return typeof name === 'string' && !(Array.isArray(target) && name === 'length')
}

function assertSlot(target: object, name: PropertyKey, value: unknown): void {
  if (isSlot(target, name)) assertGated(String(name), value)
}

function assertGated(name: string, tool: unknown): void {
  if (!isGated(tool)) throw ungated(nameOf(tool) ?? name)
}

function nameOf(tool: unknown): string | undefined {
  const name =
    typeof tool === 'object' || typeof tool === 'function'
      ? (tool as { name?: unknown } | null)?.name
      : undefined
  return typeof name === 'string' && name !== '' ? name : undefined
}

function ungated(name: string): GatewrightError {
  return new GatewrightError(
    'ERR_TOOL_UNGATED',
    `the tool "${name}" would run without a gate. Wrap what it executes with requireApproval before handing it to the agent.`,
  )
}
