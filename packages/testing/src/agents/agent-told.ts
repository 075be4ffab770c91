import assert from 'node:assert/strict'
import type { AgentRun, ModelTurn, Told } from './agent-harness'

/** A value in words: an error with its causes. */
export function inWords(word: unknown): string {
  if (typeof word === 'string') return word
  if (word instanceof Error) return `${word.message} ${inWords(word.cause ?? '')}`
  return typeof word === 'object' && word !== null ? Object.values(word).map(inWords).join(' ') : String(word)
}

/** What the model was told of a call. Rejects when it was told nothing. */
export function toldOf(run: AgentRun, callId: string): Told {
  const told = run.told.get(callId)
  assert(
    told,
    `the model was told nothing of ${callId}; the run is ${run.status}: ${inWords(run.error ?? '')}`,
  )
  return told
}

/** The model was told that nothing was executed, in words that match. */
export function assertRefused(run: AgentRun, callId: string, ...words: readonly (string | RegExp)[]): Told {
  const told = toldOf(run, callId)
  assert.notEqual(told.error, false, `a refusal is told as a success: ${told.text}`)
  for (const word of [/nothing was executed|not executed/i, ...words]) {
    const said = typeof word === 'string' ? told.text.includes(word) : word.test(told.text)
    assert(said, `the model was not told ${word}, but: ${told.text}`)
  }
  return told
}

/** One turn with calls, each of them `[id, tool, arguments]`. */
export function turn(...calls: readonly (readonly [string, string, unknown])[]): ModelTurn {
  return {
    calls: calls.map(([id, tool, args]) => ({
      id,
      tool,
      arguments: typeof args === 'string' ? args : JSON.stringify(args),
    })),
  }
}
