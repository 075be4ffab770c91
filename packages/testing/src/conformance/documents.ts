import { createHash } from 'node:crypto'
import {
  canonicalize,
  type Json,
  type Principal,
  type RequestStatus,
  type ReviewContent,
  type ReviewDocument,
  type ReviewLeaf,
  type ReviewLimits,
  type ReviewProgress,
} from '@gatewright/core'

/** A request as a conformance case describes it. */
export interface DocumentSource {
  readonly requestId: string
  readonly action: string
  readonly args: { readonly [name: string]: Json }
  readonly requester: string
  readonly intent: string
  readonly reason: string
  readonly createdAt: number
  readonly expiresAt: number
  readonly status: RequestStatus
  readonly version: number
  readonly editedBy: string | null
  /** JSON Pointers to leaves that people are not shown. */
  readonly redacted: readonly string[]
  readonly noteFor: ReviewContent['noteFor']
  readonly votes: readonly {
    readonly actor: Principal
    readonly decision: 'approve' | 'reject'
    readonly note: string | null
  }[]
}

/** The complete document of a request, or what is left of it within limits, the way a gate builds it. */
export function documentOf(
  source: DocumentSource,
  limits: ReviewLimits | null,
  link: string | null,
): ReviewDocument {
  const whole = contentOf(source)
  const content = limits === null ? whole : within(whole, limits)
  const digest = sha256(canonicalize(content as unknown as Json))
  return {
    requestId: source.requestId,
    digest,
    shortDigest: digest.slice(0, 8),
    complete: content.missing.length === 0,
    content,
    progress: progressOf(source),
    link,
  }
}

function contentOf({
  requestId,
  action,
  args,
  requester,
  intent,
  reason,
  editedBy,
  redacted,
  noteFor,
}: DocumentSource): ReviewContent {
  return {
    format: 1,
    requestId,
    action,
    title: null,
    description: null,
    // As of a call with one argument.
    argumentsDigest: sha256(canonicalize([args])),
    requester: { id: visible(requester), name: visible(requester), owner: null },
    onBehalfOf: null,
    intent: { label: 'the agent says', leaf: leafOf('', intent) },
    arguments: leavesOf('', args).map((leaf) =>
      redacted.includes(leaf.path) ? { ...leaf, text: '[redacted]', marks: ['redacted'] } : leaf,
    ),
    edited: editedBy === null ? null : { by: editedBy, changes: [] },
    context: { status: 'none' },
    pins: [],
    risk: { level: 'low', score: 0.1, reasons: [] },
    rules: [{ id: 'conformance', version: 1, reason: visible(reason) }],
    stages: [
      { requirement: 'conformance', stage: 'review', reviewers: 'group ops', atLeast: 1, assurance: null },
    ],
    missing: [],
    noteFor,
  }
}

function progressOf({ status, version, createdAt, expiresAt, votes }: DocumentSource): ReviewProgress {
  return {
    status,
    version,
    createdAt,
    expiresAt,
    votes: votes.map(({ actor, decision, note }) => ({
      by: actor.name,
      decision,
      note,
      at: createdAt,
      counts: true,
    })),
    open:
      status === 'pending'
        ? [{ requirement: 'conformance', stage: 'review', reviewers: 'group ops', missing: 1 }]
        : [],
    similar: [],
    waitingBehind: 0,
    reminder: 0,
    resolution:
      status === 'pending'
        ? null
        : { reason: `conformance: ${status}`, by: votes.at(-1)?.actor.name ?? null },
    outcome: null,
  }
}

function leavesOf(path: string, value: Json): readonly ReviewLeaf[] {
  if (typeof value !== 'object' || value === null) return [leafOf(path, value)]
  const entries = Object.entries(value)
  if (entries.length === 0)
    return [
      { path, type: Array.isArray(value) ? 'empty list' : 'empty object', text: '', marks: [], omitted: 0 },
    ]
  return entries.flatMap(([key, child]) =>
    leavesOf(`${path}/${visible(key.replaceAll('~', '~0').replaceAll('/', '~1'))}`, child),
  )
}

function leafOf(path: string, value: null | boolean | number | string): ReviewLeaf {
  const text = typeof value === 'string' ? visible(value) : String(value)
  const type = value === null ? 'null' : typeof value
  return { path, type, text, marks: text === String(value) ? [] : ['escaped'], omitted: 0 }
}

/** Hidden characters as a gate shows them: `⟦U+202E⟧`. Newlines and tabs stay. */
function visible(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Co}\p{Zl}\p{Zp}⟦]/gu, (character) =>
    character === '\n' || character === '\t'
      ? character
      : `⟦U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}⟧`,
  )
}

/** What does not fit is cut and declared (T13). */
function within(content: ReviewContent, limits: ReviewLimits): ReviewContent {
  const kept: ReviewLeaf[] = []
  let left = limits.totalCharacters
  let cut = 0
  for (const leaf of content.arguments.slice(0, limits.leaves)) {
    const room = Math.min(limits.leafCharacters, left)
    if (room <= 0) break
    // Never half a character, as a gate's own cut.
    const text = leaf.text.slice(0, room).replace(/[\uD800-\uDBFF]$/, '')
    left -= text.length
    if (text.length === leaf.text.length) kept.push(leaf)
    else {
      cut += 1
      kept.push({
        ...leaf,
        text,
        marks: [...leaf.marks, 'truncated'],
        omitted: leaf.text.length - text.length,
      })
    }
  }
  const gone = content.arguments.length - kept.length
  const missing = [
    ...(gone > 0 ? [`${gone} arguments are not shown`] : []),
    ...(cut > 0 ? [`${cut} values are cut`] : []),
  ]
  return missing.length === 0 ? content : { ...content, arguments: kept, missing }
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
