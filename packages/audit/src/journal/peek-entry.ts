/** What the writer must know of an entry that it finds in its journal. */
export interface EntrySummary {
  /** `<subject>/<seq>` */
  readonly id: string
  readonly subject: string
  readonly seq: number
  /** Without its prefix: `execution.started`. */
  readonly type: string
}

const SUBJECT = Buffer.from('","subject":"')
const TIME = Buffer.from('","time":"')
const TYPE = Buffer.from('","type":"')
const SEQ = Buffer.from(',"seq":')
const SOURCE = Buffer.from(',"source":"')
const PREFIX = 'dev.gatewright.'

/**
 * Reads the few members that stand at the end of an entry's canonical bytes, without parsing all of it. In canonical JSON
 * no string holds a bare quote, so the last occurrence of each name is the envelope's own.
 *
 * @returns `null` when they are not there
 */
export function peekEntry(entry: Buffer): EntrySummary | null {
  const type = entry.lastIndexOf(TYPE)
  const time = entry.lastIndexOf(TIME, type)
  const subject = entry.lastIndexOf(SUBJECT, time)
  const source = entry.lastIndexOf(SOURCE, subject)
  const seq = entry.lastIndexOf(SEQ, source)
  if (type < 0 || time < 0 || subject < 0 || source < 0 || seq < 0) return null
  const digits = entry.toString('latin1', seq + SEQ.length, source)
  const subjectText = readString(entry, subject + SUBJECT.length, time)
  const typeText = readString(entry, type + TYPE.length, entry.length - 2)
  if (!/^[1-9]\d{0,15}$/.test(digits) || subjectText === null || !typeText?.startsWith(PREFIX)) return null
  return {
    id: `${subjectText}/${digits}`,
    subject: subjectText,
    seq: Number(digits),
    type: typeText.slice(PREFIX.length),
  }
}

/** The string whose quotes stand before `start` and at `end`. */
function readString(entry: Buffer, start: number, end: number): string | null {
  const inner = entry.toString('utf8', start, end)
  if (!inner.includes('\\')) return inner.includes('"') ? null : inner
  try {
    const text: unknown = JSON.parse(`"${inner}"`)
    return typeof text === 'string' ? text : null
  } catch {
    return null
  }
}
