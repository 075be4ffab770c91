import {
  type ApprovalRequest,
  type ApprovalStore,
  GatewrightError,
  type RequestFilter,
} from '@gatewright/core'
import type { FakeClock } from '@gatewright/testing'
import fc from 'fast-check'

/** How much time passes between two steps, in milliseconds. */
export const STEP_MS = 5

/** One store on its way through a sequence of steps, and what its steps have to remember. */
export interface Run {
  readonly store: ApprovalStore
  readonly clock: FakeClock
  /** Ids of requests that were asked for, whether or not they came to be. In the order of their time, also as texts. */
  readonly ids: string[]
  /** The number of the last event of each subject that is no request. */
  readonly heads: Map<string, number>
  /** Listings that were begun. */
  readonly listings: { readonly filter: RequestFilter; cursor: string | null }[]
}

/** Does something to a store, and answers with all that must be the same in every store. */
export interface Step {
  readonly act: (run: Run) => Promise<unknown>
}

/** Begins with a store. */
export function runOver(store: ApprovalStore, clock: FakeClock): Run {
  return { store, clock, ids: [], heads: new Map(), listings: [] }
}

/** Steps of one sort, which say in a report what they were. */
export function step<Given>(
  name: string,
  given: fc.Arbitrary<Given>,
  act: (run: Run, given: Given) => Promise<unknown>,
): fc.Arbitrary<Step> {
  return given.map((value) => ({
    act: (run) => act(run, value),
    [fc.toStringMethod]: () => `${name} ${fc.stringify(value)}`,
  }))
}

/** What a store answered, or the code of its refusal, as plain JSON. */
export async function answerOf(answering: () => Promise<unknown>): Promise<unknown> {
  try {
    const answer = await answering()
    return answer === undefined ? null : JSON.parse(JSON.stringify(answer))
  } catch (error) {
    if (!GatewrightError.isInstance(error)) throw error
    return { refused: error.code }
  }
}

/** A value at times, and mostly none. */
export function rarely<T>(values: fc.Arbitrary<T>): fc.Arbitrary<T | null> {
  return fc.oneof({ weight: 4, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: values })
}

/** One of the requests that there are and that are wanted, as it stands; `null` when there is none. */
export async function pickOne(
  { store, ids }: Run,
  pick: number,
  wanted: (request: ApprovalRequest) => boolean = () => true,
): Promise<ApprovalRequest | null> {
  const found = [...(await store.getMany(ids))].filter(wanted)
  found.sort((one, other) => (one.id < other.id ? -1 : 1))
  return found[pick % Math.max(1, found.length)] ?? null
}

/** The id of a number. */
export function idOf(ids: readonly string[], pick: number): string {
  return ids[pick % Math.max(1, ids.length)] ?? 'r-never'
}

/** All pages of a listing. */
export async function allPages(
  store: ApprovalStore,
  filter: RequestFilter,
  limit: number,
): Promise<readonly ApprovalRequest[]> {
  const all: ApprovalRequest[] = []
  let cursor: string | null = null
  do {
    const page = await store.list(filter, { cursor, limit })
    all.push(...page.requests)
    cursor = page.cursor
  } while (cursor !== null)
  return all
}

/** In an order of their own, for what a store answers in any order. */
export function ordered<T>(values: readonly T[]): readonly T[] {
  return values
    .map((value) => ({ value, text: JSON.stringify(value) }))
    .sort((one, other) => (one.text < other.text ? -1 : 1))
    .map(({ value }) => value)
}
