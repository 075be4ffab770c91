import type { Awaitable } from '../contracts/awaitable'
import type { Json } from '../contracts/json'
import type {
  ActionPresentation,
  ApprovalRequest,
  EditChange,
  RequestPresentation,
} from '../contracts/request'
import type { ReviewDocument, ReviewLeaf, ReviewLimits } from '../contracts/review'
import { allLeaves, leavesData } from '../present/leaves'
import { createRedactor, type Redactor } from '../present/redaction'
import {
  buildReviewContent,
  type DigestedContent,
  digestContent,
  type Reviewable,
} from '../present/review-content'
import { buildReview } from '../present/review-document'
import { shownValue } from '../present/shown-steps'
import { makeVisible } from '../present/visible'
import { canonicalize } from '../values/canonical'
import { deepFreeze } from '../values/deep-freeze'
import { andThen } from '../values/is-promise'
import { dropOldest, kept } from '../values/kept'
import { namedView } from '../values/named-arguments'
import { effectiveArguments, progressOf } from './effective-digest'
import type { Engine } from './engine'
import { storeCall } from './store-call'

const NO_POINTERS: readonly string[] = []
const SIMILAR = 3

/** Redactors by gate and by the action's own pointers; compiled once. */
const redactors = new WeakMap<Engine, WeakMap<readonly string[], Redactor>>()
/** Redactors by what a request says of itself. */
const ofRequests = new WeakMap<RequestPresentation, Redactor>()
const presentations = new WeakMap<Engine, WeakMap<ActionPresentation, RequestPresentation>>()

/** What hides secrets for this gate, and for an action's own pointers. */
export function redactorOf(engine: Engine, pointers: readonly string[] = NO_POINTERS): Redactor {
  return kept(keptOf(redactors, engine), pointers, () =>
    createRedactor({ ...engine.settings.redact, pointers }),
  )
}

/** What hides secrets of a request: what the gate that opened it hid, so that every process shows one document. */
export function requestRedactor(presentation: RequestPresentation): Redactor {
  return kept(ofRequests, presentation, ({ redact, redactKeys, redactPatterns }) =>
    createRedactor({
      pointers: redact,
      keys: redactKeys,
      patterns: redactPatterns.map(({ source, flags }) => new RegExp(source, flags)),
    }),
  )
}

/** How requests of an action are shown that this gate opens. One object for all of them. */
export function presentationFor(engine: Engine, presentation: ActionPresentation): RequestPresentation {
  return kept(keptOf(presentations, engine), presentation, () => {
    const { keys, patterns } = engine.settings.redact
    const redactPatterns = patterns.map(({ source, flags }) => ({ source, flags }))
    return deepFreeze({ ...presentation, redactKeys: [...keys], redactPatterns })
  })
}

function keptOf<Key extends object, Value>(
  all: WeakMap<Engine, WeakMap<Key, Value>>,
  engine: Engine,
): WeakMap<Key, Value> {
  return kept(all, engine, () => new WeakMap<Key, Value>())
}

/** Somebody's words, as they may stand in the log: without secrets, and with nothing hidden. */
export function redactText(engine: Engine, text: string): string {
  return makeVisible(redactorOf(engine).text(text).text).text
}

/** Data for the log, leaf by leaf: `[JSON Pointer, text]` without secrets. */
export function redactJson(engine: Engine, data: Json): Json {
  return leavesData(allLeaves(data, redactorOf(engine)))
}

/** Complete contents that were built a moment ago, by request: one is built to open a request, and shown right after. */
const recent = new WeakMap<Engine, Map<string, DigestedContent>>()
const KEPT_CONTENTS = 512

/** Everything there is to see of a request, with the digest that an approving vote must carry. */
export function completeContent(engine: Engine, request: Reviewable): DigestedContent {
  const build = (): DigestedContent =>
    digestContent(
      buildReviewContent(request, {
        redactor: requestRedactor(request.presentation),
        limits: null,
      }),
    )
  // An edit may be prepared several times before one is taken, so only what was proposed is kept; and nothing that no people
  // are asked about.
  if (request.edited !== null || request.status !== 'pending') return build()
  const contents = kept(recent, engine, () => new Map<string, DigestedContent>())
  const known = contents.get(request.id)
  if (known !== undefined) return known
  const built = build()
  contents.set(request.id, built)
  dropOldest(contents, KEPT_CONTENTS)
  return built
}

/** The document as one channel shows it. */
export function reviewFor(
  engine: Engine,
  request: ApprovalRequest,
  limits: ReviewLimits | null,
  waitingBehind: number,
): Awaitable<ReviewDocument> {
  return andThen(
    storeCall(() => engine.store.similar(request.action, request.argumentShape, SIMILAR)),
    (similar) => documentOf(engine, request, limits, waitingBehind, similar),
  )
}

function documentOf(
  engine: Engine,
  request: ApprovalRequest,
  limits: ReviewLimits | null,
  waitingBehind: number,
  similar: readonly ApprovalRequest[],
): ReviewDocument {
  const open = request.status === 'pending' ? progressOf(request).open : []
  const options = { redactor: requestRedactor(request.presentation), limits }
  const link = engine.settings.link(request.id)
  const extras = { open, similar: similar.filter(({ id }) => id !== request.id), waitingBehind, link }
  return buildReview(
    request,
    options,
    limits === null ? { ...extras, built: completeContent(engine, request) } : extras,
  )
}

/** Whether a digest is that of what a channel with little room showed. */
export function isPartialView(engine: Engine, request: ApprovalRequest, digest: string): boolean {
  const redactor = requestRedactor(request.presentation)
  return engine.settings.approvers.some(
    ({ limits }) =>
      limits !== undefined &&
      digestContent(buildReviewContent(request, { redactor, limits })).digest === digest,
  )
}

/** The named arguments of a call as the log may hold them. */
export function shownLeaves(
  engine: Engine,
  text: string,
  parameters: readonly string[] | null,
  presentation: ActionPresentation,
): readonly ReviewLeaf[] {
  return allLeaves(namedView(text, parameters), redactorOf(engine, presentation.redact))
}

/** What an edit changed, leaf by leaf, as it may be shown. A secret that became another one is told, too. */
export function editChanges(before: ApprovalRequest, after: ApprovalRequest): readonly EditChange[] {
  const redactor = requestRedactor(before.presentation)
  const [oldView, newView] = [viewOf(before), viewOf(after)]
  const [old, now] = [leavesByPath(oldView, redactor), leavesByPath(newView, redactor)]
  const differs = (path: string): boolean => {
    const leaf = old.get(path)
    if (leaf?.text !== now.get(path)?.text) return true
    // I9: both look alike, and are not.
    return (
      leaf?.marks.includes('redacted') === true &&
      canonicalOf(oldView, path, redactor) !== canonicalOf(newView, path, redactor)
    )
  }
  const paths = new Set([...old.keys(), ...now.keys()])
  return [...paths]
    .filter(differs)
    .map((path) => ({ path, before: old.get(path)?.text ?? null, after: now.get(path)?.text ?? null }))
}

function viewOf(request: ApprovalRequest): Json {
  return namedView(effectiveArguments(request), request.parameters)
}

function leavesByPath(view: Json, redactor: Redactor): Map<string, ReviewLeaf> {
  return new Map(allLeaves(view, redactor).map((leaf) => [leaf.path, leaf]))
}

function canonicalOf(view: Json, path: string, redactor: Redactor): string | null {
  const value = shownValue(view, path, redactor)
  return value === undefined ? null : canonicalize(value)
}
