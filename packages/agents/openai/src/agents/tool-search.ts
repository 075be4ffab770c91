import { GATED } from '@gatewright/core/agents'
import { attachClientToolSearchExecutor, getClientToolSearchExecutor } from '@openai/agents'

type Tool = Parameters<typeof getClientToolSearchExecutor>[0]

/**
 * The same tool. Where it has this program search for tools (`toolSearchTool({ execution: 'client', execute })`), what is found
 * is gated before the SDK sees it: those are functions of this program, though the search is none (T32).
 *
 * @param gateOne - the gated one in place of a tool; throws for what no gate can hold
 */
export function gateSearch(tool: object, gateOne: (tool: object) => object): object {
  const search = getClientToolSearchExecutor(tool as Tool)
  if (search === undefined || Object.hasOwn(search, GATED)) return tool
  // The SDK takes a tool that is found again for another where it is another object.
  const known = new WeakMap<object, object>()
  function gated(found: object): object {
    const one = known.get(found) ?? gateOne(found)
    known.set(found, one)
    return one
  }
  const gatedSearch = async (...args: Parameters<typeof search>) => {
    const found = (await search(...args)) ?? []
    return (Array.isArray(found) ? found : [found]).map(gated) as Tool[]
  }
  Object.defineProperty(gatedSearch, GATED, { value: true })
  return attachClientToolSearchExecutor({ ...tool } as Tool & { type: 'hosted_tool' }, gatedSearch)
}
