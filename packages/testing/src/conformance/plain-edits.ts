import type { ArgumentEdit, Json, JsonObject } from '@gatewright/core'

/**
 * What changes make of plain named arguments, as a gate applies them; or why they cannot be applied. The short way: no
 * types beside those of JSON, and names as they are.
 *
 * @param hidden - pointers to what people are not shown
 */
export function applyPlainly(
  args: JsonObject,
  edits: readonly ArgumentEdit[],
  hidden: readonly string[] = [],
): { readonly args: JsonObject } | { readonly problem: string } {
  if (edits.length === 0) return { problem: 'No change was named.' }
  const whole: { args: Json } = { args: structuredClone(args) as Json }
  // From the back, so that the places in a list stay what they were.
  for (const { path, value, remove } of [...edits].sort((one, other) => order(other.path, one.path))) {
    if (JSON.stringify(value)?.includes('[redacted'))
      return { problem: `${path} would become a placeholder.` }
    if (remove !== true && hidden.some((one) => one.startsWith(`${path}/`)))
      return { problem: `${path} holds something redacted, which would be lost.` }
    const steps = ['args', ...path.split('/').slice(1).map(readStep)]
    const last = steps.pop() as string
    const holder = steps.reduce<unknown>((tree, step) => own(tree, step), whole)
    if (typeof holder !== 'object' || holder === null || (remove === true && !Object.hasOwn(holder, last)))
      return { problem: `There is nothing at ${path}.` }
    if (remove !== true) Object.assign(holder, { [last]: value })
    else if (Array.isArray(holder)) holder.splice(Number(last), 1)
    else Reflect.deleteProperty(holder, last)
  }
  return { args: whole.args as JsonObject }
}

function own(tree: unknown, step: string): unknown {
  if (typeof tree !== 'object' || tree === null || !Object.hasOwn(tree, step)) return undefined
  return (tree as Record<string, unknown>)[step]
}

function order(one: string, other: string): number {
  return one.localeCompare(other, 'en', { numeric: true })
}

function readStep(step: string): string {
  return step.replaceAll('~1', '/').replaceAll('~0', '~')
}
