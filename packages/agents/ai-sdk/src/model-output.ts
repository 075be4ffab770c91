import { changedNote } from '@gatewright/core/agents'
import type { AnyTool } from './tool'

/** What the SDK asks of `toModelOutput`. */
interface Told {
  readonly toolCallId: string
  readonly input: unknown
  readonly output: unknown
}

/** What a model reads of an output. */
type ModelOutput = { readonly type: string; readonly value?: unknown }

/** Tells the model of calls whose arguments a reviewer changed: beside the output, which keeps its type. */
export interface EditNotes {
  /** Keeps what was changed in a call; nothing, if it was not. Of very many calls the oldest are forgotten. */
  keep(toolCallId: string | undefined, changed: readonly string[]): void
  /** The tool's own, until a call of it was edited. */
  readonly toModelOutput: unknown
}

const MOST_NOTES = 1_000

/** @param tool - whose `toModelOutput`, where it has one, goes on saying what the model reads */
export function editNotes(tool: AnyTool): EditNotes {
  const notes = new Map<string, string>()

  async function withNote(told: Told): Promise<ModelOutput> {
    const own = tool.toModelOutput as ((told: Told) => ModelOutput | PromiseLike<ModelOutput>) | undefined
    const output = own === undefined ? asTheSdk(told.output) : await own.call(tool, told)
    const note = notes.get(told.toolCallId)
    return note === undefined ? output : noted(output, note)
  }

  return {
    keep(toolCallId, changed) {
      if (toolCallId === undefined) return
      // Ids repeat in other runs: a note is of the last call that had its id.
      notes.delete(toolCallId)
      if (changed.length > 0) notes.set(toolCallId, changedNote(changed))
      const [oldest] = notes.keys()
      if (notes.size > MOST_NOTES && oldest !== undefined) notes.delete(oldest)
    },
    get toModelOutput() {
      return notes.size === 0 ? tool.toModelOutput : withNote
    },
  }
}

function asTheSdk(output: unknown): ModelOutput {
  if (typeof output === 'string') return { type: 'text', value: output }
  const json = JSON.stringify(output)
  return { type: 'json', value: json === undefined ? null : JSON.parse(json) }
}

function noted(output: ModelOutput, note: string): ModelOutput {
  const text = (one: string) => ({ type: 'text', text: one })
  if (output.type === 'text') return { ...output, value: `${output.value}\n${note}` }
  if (output.type === 'json')
    return { type: 'content', value: [text(JSON.stringify(output.value)), text(note)] }
  // Their own words for the model, and what is no success, stay.
  return output.type === 'content' && Array.isArray(output.value)
    ? { ...output, value: [...output.value, text(note)] }
    : output
}
