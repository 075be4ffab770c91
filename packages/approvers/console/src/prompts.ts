import type { Principal, ReviewDocument } from '@gatewright/core'
import { cellWidth } from './cell-width'
import { inert } from './inert'
import { levelTone } from './layout'
import { type Line, lineWidth, type Span, span } from './line'
import { formatLeft } from './time'

/** What the prompt shows. */
export interface PromptView {
  /** Milliseconds until the request expires. */
  readonly left: number
  /** Requests in the queue. */
  readonly waiting: number
  /** Who one acts as, where one can choose. */
  readonly actor: string | null
  /** Whether it can be approved as shown. */
  readonly complete: boolean
  /** Cells at most. */
  readonly width: number
}

type Key = readonly [key: string, meaning: string]

/** The keys with what they do, and the time left: as much of it in words as there is room for. */
export function promptLine(view: PromptView): Line {
  const main: Key[] = [
    ...(view.complete ? [['a', 'approve'] as const] : []),
    ['r', 'reject'],
    ['e', 'edit'],
    ['d', 'details'],
  ]
  const queue: Key[] =
    view.waiting > 1
      ? [
          ['s', 'skip'],
          ['l', 'list'],
        ]
      : []
  const rest: Key[] = [
    ['?', 'help'],
    ['q', 'leave'],
  ]
  const who: Key[] = view.actor === null ? [] : [['u', `you are ${view.actor}`]]
  const time: Line = [
    span('⏳ ', 'dim'),
    span(formatLeft(view.left), view.left < 60_000 ? 'warning' : 'strong'),
    span('  '),
  ]
  const variants: Line[] = [
    [...time, ...inWords([...main, ...queue, ...who, ...rest])],
    [...time, ...inWords([...main, ...who]), span('  '), ...bare([...queue, ...rest])],
    [...time, ...inWords(main), span('  '), ...bare([...queue, ...who, ...rest])],
    [
      ...time,
      ...inWords(main.slice(0, 2)),
      span('  '),
      ...bare([...main.slice(2), ...queue, ...who, ...rest]),
    ],
    [...time, ...bare([...main, ...queue, ...who, ...rest])],
  ]
  return variants.find((line) => lineWidth(line) <= view.width) ?? variants.at(-1) ?? []
}

/** What every key does, and who one is. */
export function helpLines(person: Principal, demo: boolean, editor: boolean): Line[] {
  const keys: Key[] = [
    ['a', 'approve exactly what is shown'],
    ['r', 'reject; asks for a reason'],
    ['e', `edit the arguments ${editor ? 'in your editor' : 'on one line'}, then approve them as edited`],
    ['d', 'the document with every detail'],
    ['s', 'skip to the next request'],
    ['l', 'list what waits; 1 to 9 opens one'],
    ...(demo ? [['u', 'act as the next person of the demo'] as const] : []),
    ['q', 'leave without deciding (Ctrl-C also stops the program)'],
  ]
  const groups = person.groups.length === 0 ? 'no group' : person.groups.join(', ')
  return [
    [],
    ...keys.map(([key, meaning]): Line => [span('  '), span(key, 'key'), span(`  ${meaning}`)]),
    [
      span(
        `  You are ${person.name} (${person.issuer}, ${person.subject}; ${person.assurance.method}), in ${groups}.`,
        'dim',
      ),
    ],
  ]
}

/** One line for each request that waits, numbered in the order of arrival. */
export function listLines(
  entries: readonly { readonly review: ReviewDocument; readonly voted: ReadonlySet<unknown> }[],
  active: object,
  now: number,
): Line[] {
  const longest = (texts: readonly string[]): number =>
    Math.max(...texts.map((text) => cellWidth(inert(text))))
  const actionColumn = longest(entries.map(({ review }) => review.content.action))
  const requesterColumn = longest(entries.map(({ review }) => review.content.requester.name))
  const lines = entries.map((entry, index): Line => {
    const { content, progress, shortDigest } = entry.review
    return [
      span(entry === active ? '▸ ' : '  ', 'key'),
      span(String(index + 1).padStart(2), 'key'),
      span('  '),
      ...column(span(content.action, 'strong'), actionColumn),
      ...column(span(content.requester.name), requesterColumn),
      ...column(span(content.risk.level, levelTone(content.risk.level)), 'critical'.length),
      ...column(span(formatLeft(progress.expiresAt - now)), '3h 05m'.length),
      span(shortDigest, 'dim'),
      ...(entry.voted.size === 0 ? [] : [span('  you voted', 'good')]),
    ]
  })
  return [[], ...lines]
}

function column(cell: Span, width: number): Line {
  return [cell, span(' '.repeat(Math.max(0, width - cellWidth(cell.text)) + 2))]
}

function inWords(keys: readonly Key[]): Line {
  return keys.flatMap(([key, meaning], index) => [
    ...(index === 0 ? [] : [span('  ')]),
    span(key, 'key'),
    span(` ${meaning}`),
  ])
}

function bare(keys: readonly Key[]): Line {
  return keys.flatMap(([key], index) => [...(index === 0 ? [] : [span(' ')]), span(key, 'key')])
}
