import { illegalMove } from '@gatewright/core'
import { texts } from './columns'
import type { Query } from './database'
import type { Names } from './names'
import { eventColumns, type SealedEvent } from './requests/events'
import { PLACE } from './sql'

interface Head {
  readonly seq: number
  readonly place: number
}

/**
 * Records events of subjects that are no requests, within a transaction: all of them, or by throwing none. Those that are
 * recorded already are left as they are.
 *
 * @param subjects - the subjects behind the tokens, for errors
 * @throws GatewrightError `ERR_TRANSITION_ILLEGAL` for a gap, or an event of a request
 */
export async function recordLoose(
  { events, requests }: Names,
  query: Query,
  some: readonly SealedEvent[],
  subjects: ReadonlyMap<string, string>,
): Promise<void> {
  const tokens = [...subjects.keys()]
  const [request] = await query({
    text: `SELECT id FROM ${requests} WHERE id = ANY($1::text[]) LIMIT 1`,
    values: [texts(tokens)],
  })
  if (request !== undefined)
    throw illegalMove(subjectOf(subjects, String(request.id)), "a request's events come with its moves")
  const heads = new Map<string, Head>()
  const stored = await query({
    text: `SELECT subject, max(seq) AS seq, max(place)::float8 AS place FROM ${events}
      WHERE subject = ANY($1::text[]) GROUP BY subject`,
    values: [texts(tokens)],
  })
  for (const { subject, seq, place } of stored)
    heads.set(String(subject), { seq: Number(seq), place: Number(place) })
  const earliest = Math.max(0, ...[...heads.values()].map(({ place }) => place)) + 1
  const recorded = eventColumns(newOnes(some, heads, subjects))
  await query({
    text: `INSERT INTO ${events} (subject, seq, place, part, loose, waiting, logs, body)
      SELECT e.subject, e.seq, GREATEST($1::float8::bigint, ${PLACE}), e.part, true, true, '', e.body
      FROM ${recorded.from(2, 'e')} ON CONFLICT (subject, seq) DO NOTHING`,
    values: [earliest, ...recorded.values],
  })
}

/** Those that are not recorded yet. Of a subject of which nothing is held, the first may have any number. */
function newOnes(
  some: readonly SealedEvent[],
  heads: ReadonlyMap<string, Head>,
  subjects: ReadonlyMap<string, string>,
): readonly SealedEvent[] {
  const ends = new Map([...heads].map(([subject, { seq }]) => [subject, seq]))
  return some.filter(({ subject, seq }) => {
    const end = ends.get(subject)
    if (end !== undefined && seq > end + 1)
      throw illegalMove(subjectOf(subjects, subject), `event ${seq} does not follow event ${end}`)
    if (end !== undefined && seq <= end) return false
    ends.set(subject, seq)
    return true
  })
}

/** The subject behind a token, for errors. */
function subjectOf(subjects: ReadonlyMap<string, string>, token: string): string {
  return subjects.get(token) ?? token
}
