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
  const runners = RUNNERS.flatMap((name) => Object.getOwnPropertyDescriptor(tool, name) ?? [])
    // An accessor could answer with another function each time.
    .filter(({ get, value }) => get || typeof value === 'function')
  return runners.length > 0 && runners.every(({ value }) => isGated(value))
}

/**
 * Checks every tool of a list or record, and gives back a view of it that refuses ungated tools added later (T32).
 *
 * @throws GatewrightError `ERR_TOOL_UNGATED`
 */
export function guardTools<Tools extends object>(tools: Tools): Tools {
  assertAllGated(tools)
  return new Proxy(tools, {
    // What was given can be changed beside this view, and so can each tool.
    get(target, name, receiver) {
      const value = Reflect.get(target, name, receiver)
      if (Object.hasOwn(target, name)) assertSlot(target, name, value)
      return value
    },
    set(target, name, value, receiver) {
      assertSlot(target, name, value)
      return Reflect.set(target, name, value, receiver)
    },
    defineProperty(target, name, descriptor) {
      if ('value' in descriptor || 'get' in descriptor || 'set' in descriptor)
        assertSlot(target, name, descriptor.value)
      return Reflect.defineProperty(target, name, descriptor)
    },
    setPrototypeOf: () => false,
  })
}

/** Looks at hidden and inherited tools too: an agent finds them by name all the same. */
function assertAllGated(tools: object): void {
  for (let holder = tools; !BUILT_IN.includes(holder); holder = Object.getPrototypeOf(holder))
    for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(holder)))
      assertSlot(holder, name, value)
}

/** Where a chain of prototypes ends. */
const BUILT_IN: readonly unknown[] = [null, Object.prototype, Array.prototype]

/** Of an accessor, which could answer with another tool each time, the value is `undefined`, and that is not gated. */
function assertSlot(target: object, name: PropertyKey, value: unknown): void {
  const isSlot = typeof name === 'string' && !(Array.isArray(target) && name === 'length')
  if (isSlot && !isGated(value)) throw ungated(nameOf(value) ?? name)
}

function nameOf(tool: unknown): string | undefined {
  const { name } = Object(tool) as { readonly name?: unknown }
  return typeof name === 'string' && name !== '' ? name : undefined
}

function ungated(name: string): GatewrightError {
  return new GatewrightError(
    'ERR_TOOL_UNGATED',
    `the tool "${name}" would run without a gate. Wrap what it executes with requireApproval before handing it to the agent.`,
  )
}
