import type { Outcome } from '../contracts/request'
import { summarize } from '../present/summary'
import { sha256Hex } from '../values/digest'
import { encodeValue } from '../values/snapshot'
import type { Engine } from './engine'
import { redactorOf } from './present'
import type { RunEnd } from './run'

/** A run's end as it is recorded, and the encoded result where it can be encoded. */
export function outcomeOf(
  engine: Engine,
  end: RunEnd,
  startedAt: number,
): { readonly outcome: Outcome; readonly encoded: string | null } {
  const at = engine.store.now()
  const encoded = end.status === 'succeeded' ? tryEncode(end.value) : null
  const { summary, redacted } = summarize(
    end.status === 'succeeded' ? end.value : end.error,
    redactorOf(engine),
  )
  const resultDigest = encoded === null ? null : sha256Hex(encoded)
  const durationMs = Math.max(0, at - startedAt)
  return { outcome: { status: end.status, at, durationMs, resultDigest, summary, redacted }, encoded }
}

/** The outcome of a run that was refused after its claim. */
export function blockedOutcome(engine: Engine, summary: string): Outcome {
  return withoutResult('blocked', engine.store.now(), 0, summary)
}

/** The outcome of a run that was cut off. */
export function unknownOutcome(at: number, startedAt: number, summary: string): Outcome {
  return withoutResult('unknown', at, Math.max(0, at - startedAt), summary)
}

function withoutResult(status: Outcome['status'], at: number, durationMs: number, summary: string): Outcome {
  return { status, at, durationMs, resultDigest: null, summary, redacted: false }
}

function tryEncode(value: unknown): string | null {
  try {
    return encodeValue(value)
  } catch {
    // A result that is not plain data (a stream, a client) is the caller's all the same; it has no digest.
    return null
  }
}
