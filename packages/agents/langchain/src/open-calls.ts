import { OptionError } from '@gatewright/core'
import { nameOf } from './elsewhere'

/** A message, as far as it tells of calls. */
interface Message {
  readonly tool_calls?: readonly object[]
}

/**
 * Nothing asks a model while its own calls are the last word: a run was begun anew that should have gone on. LangChain takes a
 * `Command` of another copy of LangGraph for input, drops the calls that wait, and would end as if they had run.
 *
 * @throws OptionError naming the calls that were dropped
 */
export function refuseOpenCalls(messages: readonly object[]): void {
  const { tool_calls: open = [] } = (messages.at(-1) ?? {}) as Message
  if (open.length === 0) return
  throw new OptionError(
    'agent.invoke',
    `began a run anew whose calls nothing answered: ${open.map(nameOf).join(', ').slice(0, 200)}. Nothing was executed. Go on with a Command of the LangGraph that LangChain loads: one of another copy is taken for input (npm ls @langchain/langgraph)`,
  )
}
