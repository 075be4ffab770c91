import { statSync } from 'node:fs'
import { ArgumentsUnsupportedError, canonicalize, type Json } from '@gatewright/core'
import { UsageError } from './exit'
import { readText } from './files'

const MOST_BYTES = 65_536

type Facts = { readonly [name: string]: Json }

/**
 * Reads a facts file: a JSON object, as reviewers will see it.
 *
 * @throws UsageError naming the field that cannot be kept as it is written
 */
export function readFacts(path: string): Facts {
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0
  if (size > MOST_BYTES)
    throw new UsageError(`the facts ${path} are ${size} bytes: ${MOST_BYTES} are the most`)
  const facts = parse(readText(path, 'the facts'), path)
  if (typeof facts !== 'object' || facts === null || Array.isArray(facts))
    throw new UsageError(`the facts ${path} are no JSON object`)
  const problem = unfit(facts, '')
  if (problem !== null) throw new UsageError(`the facts ${path}: ${problem}`)
  try {
    canonicalize(facts)
  } catch (error) {
    if (error instanceof ArgumentsUnsupportedError)
      throw new UsageError(`the facts ${path}: ${error.path || 'the object'} ${error.problem}`)
    throw error
  }
  return facts as Facts
}

function parse(text: string, path: string): Json {
  try {
    return JSON.parse(text) as Json
  } catch (error) {
    // The message repeats a part of the text, which may hold anything.
    const at = /position \d+/.exec((error as Error).message)?.[0]
    throw new UsageError(`the facts ${path} are no JSON${at === undefined ? '' : `: look at ${at}`}`)
  }
}

/** What is wrong with the first number that JSON said and JavaScript cannot hold, or name that no object may have. */
function unfit(value: Json, path: string): string | null {
  if (typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value))
    return `${path} is beyond ±(2^53 − 1): write it as a text`
  if (typeof value !== 'object' || value === null) return null
  for (const [name, member] of Object.entries(value)) {
    const at = `${path}/${name}`
    const problem = name === '__proto__' ? `${at} is a name that cannot be used` : unfit(member, at)
    if (problem !== null) return problem
  }
  return null
}
