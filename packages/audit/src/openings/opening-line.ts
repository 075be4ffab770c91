import { canonicalize, type FieldOpening, type Json } from '@gatewright/core'

/** An opening as it lies beside a log: one line of canonical JSON. */
export interface OpeningLine extends FieldOpening {
  /** The request or call that the event tells of. */
  readonly about: string
  /** Of the event. */
  readonly id: string
  /** Of the event's entry in the log. */
  readonly index: number
}

/** Where in a log one committed field stands. */
export type FieldPlace = Pick<OpeningLine, 'id' | 'index' | 'pointer'>

/** How many entries share a file of openings. */
export const ENTRIES_A_FILE = 1_024

/** The file that holds the openings of the entry `index`, relative to the log's directory. */
export function openingsFile(index: number): string {
  const first = index - (index % ENTRIES_A_FILE)
  return `openings/${String(first).padStart(20, '0')}.jsonl`
}

/** Whether a name in `openings/` is that of a file of openings. */
export function isOpeningsName(name: string): boolean {
  return /^\d{20}\.jsonl$/.test(name) && Number(name.slice(0, 20)) % ENTRIES_A_FILE === 0
}

/** Lines as they are written. */
export function formatOpenings(lines: readonly OpeningLine[]): string {
  return lines
    .map(({ about, id, index, pointer, salt, value }) =>
      canonicalize({ about, id, index, pointer, salt, value }),
    )
    .map((line) => `${line}\n`)
    .join('')
}

/** The lines of a file, and how many are none: what a crash tore off, or what somebody wrote. */
export function parseOpenings(text: string): {
  readonly lines: readonly OpeningLine[]
  readonly unreadable: number
} {
  const lines: OpeningLine[] = []
  let unreadable = 0
  for (const one of text.split('\n')) {
    if (one === '') continue
    const line = parseLine(one)
    if (line === null) unreadable += 1
    else lines.push(line)
  }
  return { lines, unreadable }
}

function parseLine(text: string): OpeningLine | null {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return null
  }
  if (typeof value !== 'object' || value === null) return null
  const line = value as Readonly<Record<keyof OpeningLine, unknown>>
  const { about, id, index, pointer, salt } = line
  const isLine =
    typeof about === 'string' &&
    typeof id === 'string' &&
    typeof index === 'number' &&
    Number.isSafeInteger(index) &&
    typeof pointer === 'string' &&
    typeof salt === 'string' &&
    'value' in line
  return isLine ? { about, id, index, pointer, salt, value: line.value as Json } : null
}

/** One text for one field of a log. */
export function fieldKey({ index, pointer }: Pick<FieldPlace, 'index' | 'pointer'>): string {
  return `${index}${pointer}`
}
