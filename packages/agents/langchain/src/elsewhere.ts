import { namesElsewhere } from '@gatewright/core/agents'

/** Tells the tools that a host lets run at the provider of its model. @throws OptionError for no list of names */
export function runsElsewhere(
  names: readonly string[] | undefined,
  where: string,
): (tool: object) => boolean {
  const known = namesElsewhere(names, where)
  return (tool) => !('invoke' in tool) && known.has(nameOf(tool))
}

/** A tool of a provider may have its name as its type alone: `{ type: 'web_search' }`. */
export function nameOf(tool: object): string {
  const { name, type } = tool as { readonly name?: unknown; readonly type?: unknown }
  return String(name ?? type)
}
