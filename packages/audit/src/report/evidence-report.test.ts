import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AuditEvent, Json } from '@gatewright/core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { billingWorld, HOSTILE } from '../../test/billing-world'
import { honestWorlds } from '../../test/honest-worlds'
import { readPage } from '../../test/well-formed'
import { changePieces, makeKeys, writeEvents } from '../../test/written-log'
import { chainHash } from '../event'
import { type EvidenceReportOptions, evidenceReport } from './evidence-report'

const place = mkdtempSync(join(tmpdir(), 'gatewright-report-'))
const { signer, trust } = makeKeys()
const log = join(place, 'log')
let world: readonly AuditEvent[] = []

beforeAll(async () => {
  world = await billingWorld()
  await writeEvents(log, world, signer)
})

afterAll(() => rmSync(place, { recursive: true, force: true }))

const report = (options: Partial<EvidenceReportOptions> = {}) =>
  evidenceReport({ directories: [log], trust, framework: 'soc2', now: 1_800_000_000_000, ...options })

/** Writes events into a log of their own; answers with its directory. */
async function logOf(name: string, events: readonly AuditEvent[]): Promise<string> {
  const directory = join(place, name)
  await writeEvents(directory, events, signer)
  return directory
}

/** The lines of a CSV, taken apart as RFC 4180 says. */
function csvRows(csv: string): Record<string, string>[] {
  const lines: string[][] = [[]]
  for (const [, quoted, plain, end] of csv.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/g)) {
    lines.at(-1)?.push(quoted === undefined ? (plain ?? '') : quoted.replaceAll('""', '"'))
    if (end === '\r\n') lines.push([])
  }
  const [heads = [], ...rows] = lines.filter((cells) => cells.length > 0)
  for (const cells of rows) expect(cells).toHaveLength(heads.length)
  return rows.map((cells) => Object.fromEntries(heads.map((head, at) => [head, cells[at] ?? ''])))
}

describe('the figures', () => {
  test('are those of the log', async () => {
    const { figures, verdict } = await report()
    expect(verdict).toMatchObject({ status: 'valid', findings: [] })
    expect(figures).toEqual({
      actions: 11,
      asked: 5,
      resolutions: { approved: 3, rejected: 1, expired: 1, denied: 1 },
      ran: { policy: 3, votes: 3, grant: 2 },
      outcomes: { succeeded: 7, unknown: 1 },
      dual: 1,
      separation: { held: 5, broken: 0, undeterminable: 0, nobodyExcluded: 0 },
      credentialsIssued: 1,
      credentialsRevoked: 1,
      // Two attempts at one's own request, one vote of nobody asked, one expiry, one unknown outcome.
      exceptions: 5,
    })
  })

  test('of every kind of ending say what it was', async () => {
    const told: Record<string, unknown> = {}
    for (const [name, events] of await honestWorlds()) {
      const { figures, html, verdict } = await report({ directories: [await logOf(name, events)] })
      expect(verdict.status, name).toBe('valid')
      readPage(html)
      told[name] = [figures.ran, figures.outcomes, figures.resolutions]
    }
    expect(told).toMatchObject({
      allowed: [{ policy: 3 }, { succeeded: 2, failed: 1 }, {}],
      quorum: [{ votes: 1 }, { succeeded: 1 }, { approved: 1 }],
      rejected: [{}, {}, { rejected: 1, refused: 1 }],
      expired: [{}, {}, { expired: 1 }],
      cancelled: [{}, {}, { cancelled: 1 }],
      lapsed: [{}, {}, { lapsed: 1 }],
      undeliverable: [{}, {}, { undeliverable: 1 }],
      invalidated: [{}, {}, { invalidated: 1 }],
      unknown: [{ votes: 1 }, { unknown: 1 }, { approved: 1 }],
      blocked: [{ votes: 1 }, { blocked: 1 }, { approved: 1 }],
      retried: [{ votes: 3 }, { failed: 2, succeeded: 1 }, { approved: 3 }],
      granted: [{ grant: 2 }, { succeeded: 2 }, {}],
      observed: [{ observe: 2 }, { succeeded: 2 }, {}],
      denied: [{}, {}, { denied: 1 }],
    })
  })

  test('of a period leave out what did not reach into it', async () => {
    const [first] = world
    const cut = (first?.time ?? 0) + 3_600_000
    const before = await report({ to: cut })
    const after = await report({ from: cut })
    // The refund that nobody decided was asked for before, and expired after.
    expect([before.figures.actions, after.figures.actions]).toEqual([7, 5])
    expect([before.figures.exceptions, after.figures.exceptions]).toEqual([3, 2])
    expect((await report({ from: cut * 2 })).figures.actions).toBe(0)
  })
})

describe('the page', () => {
  test.each(['soc2', 'iso27001', 'nist800-53'] as const)(
    'for %s is well-formed, and every link leads somewhere',
    async (framework) => {
      const { html } = await report({ framework })
      const page = readPage(html)
      expect(new Set(page.ids).size).toBe(page.ids.length)
      expect(page.links.length).toBeGreaterThan(20)
      for (const link of page.links) expect(page.ids).toContain(link.slice(1))
      expect(page.text).toContain('Evidence for')
      expect(page.text.toLowerCase()).not.toMatch(/complian|certified|conforms/)
    },
  )

  test('tells who asked, who decided, why, what ran, and how to get its receipt', async () => {
    const { text } = readPage((await report()).html)
    for (const told of [
      'María Núñez',
      'Priya Raman',
      'matched with the bank statement of 2026-10-02',
      'The customer was charged twice.',
      'Olga Orlova (00u1olga at https://idp.test) tried to approve; refused: it is their own request.',
      'Jonas Lindqvist (00u3jonas at https://idp.test) settled it: the month is closed',
      'refunds (version 3): require',
      `gatewright audit receipt ${log} ${world.find(({ type }) => type === 'request.created')?.subject}`,
      'No known head was given',
      trust[0]?.vkey ?? '',
    ])
      expect(text).toContain(told)
  })

  test('T15: what agents and people wrote is text, whatever it is', async () => {
    const { html } = await report()
    const page = readPage(html)
    expect(page.text).toContain(HOSTILE.script)
    expect(page.text).toContain(HOSTILE.attribute)
    expectInert(html)
  })

  test('T16: what hides is made visible', async () => {
    const { csv, html } = await report()
    for (const text of [html, csv]) {
      expect(text).not.toContain('\u202e')
      expect(text).toContain('invoice⟦U+202E⟧gnp.exe')
    }
    expect(readPage(html).text).toContain(`${HOSTILE.looksLike} mixes scripts`)
  })

  test('T15: no text at all breaks out, wherever in the log it stands', async () => {
    const forged = world.map((event, at) => ({
      ...event,
      data: spoiled(
        event.data,
        `${HOSTILE.script}${HOSTILE.attribute}]]>-->{}*/\u202e\u0000`,
        at,
      ) as AuditEvent['data'],
      source: '<b>\'"&gate',
    }))
    const { csv, html, verdict } = await report({
      directories: [await logOf('forged', forged)],
      title: '</title><script>alert(1)</script>',
    })
    expect(verdict.status).toBe('invalid')
    expectInert(html)
    expect(csvRows(csv).length).toBeGreaterThan(0)
  })

  test('lets nothing in by its own policy: no script, nothing from elsewhere', async () => {
    const { html } = await report()
    expect(html).toContain("default-src 'none'; style-src 'sha256-")
    expect(html).not.toMatch(/https?:\/\/(?!idp\.test|evil\.test)/)
  })

  test('shows actions with exceptions first, and says how many are left to the CSV', async () => {
    const { csv, html } = await report({ mostShown: 3 })
    const { ids, text } = readPage(html)
    expect(ids.filter((id) => id.startsWith('action-'))).toHaveLength(3)
    expect(text).toContain('3 of 11 actions are shown here')
    expect(text).toContain('the other 8 are in the CSV')
    expect(text).toContain('unknown, then succeeded')
    expect(csvRows(csv)).toHaveLength(11)
    readPage((await report({ mostShown: 0 })).html)
  })

  test('of a log that does not hold says so in red, on top and on every page, and in every line of the CSV', async () => {
    const directory = await logOf('changed', world)
    changePieces(directory, (pieces) =>
      pieces.map((piece) => ({
        ...piece,
        payload: Buffer.from(piece.payload.toString('latin1').replace('12450', '99450'), 'latin1'),
      })),
    )
    const { csv, html, verdict } = await report({ directories: [directory] })
    expect(verdict.status).toBe('invalid')
    const { text } = readPage(html)
    expect(html).toContain('<div class="alarm" role="alert">The log is INVALID')
    expect(html).toContain('@top-center{content:"THE LOG DOES NOT HOLD')
    expect(html).toContain('<body class="unsound">')
    expect(text).toContain('99450')
    expect(csvRows(csv).map((row) => row.log_verdict)).toEqual(Array(11).fill('invalid'))
    const sound = await report()
    expect(sound.html).not.toContain('class="alarm"')
    expect(sound.html).not.toContain('THE LOG DOES NOT HOLD')
  })

  test('of no log at all, and of keys that did not sign it, is still a report', async () => {
    const none = await report({ directories: [join(place, 'nowhere')] })
    expect([none.verdict.status, none.figures.actions]).toEqual(['invalid', 0])
    expect(readPage(none.html).text).toContain('holds no log')
    const other = await report({ trust: makeKeys('log.test/other').trust })
    expect(other.verdict.status).toBe('invalid')
    readPage(other.html)
  })

  test('says what values that are only committed to are, and does not guess about them', async () => {
    const commitment = { hmac: 'c0ffee' }
    const committed = relinked(
      world.map((event) => {
        const { data, type } = event
        if (type === 'request.vote-cast')
          return {
            ...event,
            data: {
              ...data,
              actor: { ...(data.actor as object), name: commitment, subject: commitment },
              note: commitment,
              person: { issuer: 'https://idp.test', subject: commitment },
            } as AuditEvent['data'],
          }
        return type === 'request.created' ? { ...event, data: { ...data, arguments: commitment } } : event
      }),
    )
    const { csv, figures, html } = await report({ directories: [await logOf('committed', committed)] })
    expect(readPage(html).text).toContain('committed')
    expect(html).not.toContain('c0ffee')
    expect(figures.separation).toMatchObject({ broken: 0, undeterminable: 3 })
    expect(csv).toContain('(committed)')
  })
})

describe('the CSV', () => {
  test('has a line for each action, which a spreadsheet takes for text', async () => {
    const { csv } = await report()
    const rows = csvRows(csv)
    expect(rows).toHaveLength(11)
    const refund = rows.find(({ action, quorum_met }) => action === 'refund.issue' && quorum_met === 'yes')
    expect(refund).toMatchObject({
      agent: 'billing-bot',
      agent_owner: 'Olga Orlova (00u1olga at https://idp.test)',
      required_people: '2',
      approving_people: '2',
      separation_of_duties: 'yes',
      outcome: 'succeeded',
      log_verdict: 'valid',
    })
    expect(refund?.exceptions).toBe('self-approval-attempt; unentitled-vote')
    for (const row of rows) for (const cell of Object.values(row)) expect(cell).not.toMatch(/^[=+\-@\t\r]/)
  })

  test('can be taken piece by piece, and is the same', async () => {
    const pieces: string[] = []
    const streamed = await report({ writeCsv: (piece) => void pieces.push(piece) })
    expect(streamed.csv).toBe('')
    const kept = await report()
    expect(pieces.join('')).toBe(kept.csv)
    expect(streamed.html).toBe(kept.html)
  })
})

test('equal events in two logs are one', async () => {
  const half = Math.floor(world.length / 2)
  const keys = makeKeys('log.test/second')
  const second = join(place, 'second')
  // The second log holds everything; the first, its beginning.
  await writeEvents(second, world, keys.signer, { origin: 'log.test/second' })
  const first = await logOf('first', world.slice(0, half))
  const both = await report({ directories: [first, second], trust: [...trust, ...keys.trust] })
  const alone = await report()
  expect(both.figures).toEqual(alone.figures)
})

test('what stands behind the verified head is not shown', async () => {
  const directory = join(place, 'unsigned')
  await writeEvents(directory, world, signer, { batch: 30, tiles: false })
  // The last checkpoint never came to be: the entries before it were not acknowledged.
  changePieces(directory, (pieces) => pieces.slice(0, -1))
  rmSync(join(directory, 'checkpoint'))
  const { figures, html, verdict } = await report({ directories: [directory] })
  expect(verdict.status).toBe('incomplete')
  expect(verdict.heads[0]?.size).toBe(30)
  expect(figures.actions).toBe(8)
  const page = readPage(html)
  expect(page.text).toContain('The log is incomplete')
  expect(page.text).toContain('30 entries were read')
})

test.each([
  [{ framework: 'soc3' }, 'framework'],
  [{ from: Number.NaN }, 'from'],
  [{ from: 2, to: 2 }, 'to'],
  [{ title: ' ' }, 'title'],
  [{ mostShown: -1 }, 'mostShown'],
  [{ writeCsv: 'file' }, 'writeCsv'],
  [{ farmework: 'soc2' }, 'did you mean "framework"'],
  [{ directories: [] }, 'at least one directory'],
])('options %j are refused', async (options, message) => {
  await expect(report(options as never)).rejects.toThrow(message)
})

const TAGS =
  'a article b body caption code dd div dl dt em footer h1 h2 h3 head header html li main meta nav p pre q section span style table tbody td th thead time title tr ul'.split(
    ' ',
  )
const ATTRIBUTES =
  'aria-label aria-labelledby charset class content href http-equiv id lang name role scope tabindex title'.split(
    ' ',
  )

/** Nothing but the tags and attributes that the report itself writes, and links inside the page. */
function expectInert(html: string): void {
  const { attributes, links, tags } = readPage(html)
  expect([...tags].filter((tag) => !TAGS.includes(tag))).toEqual([])
  expect([...attributes].filter((name) => !ATTRIBUTES.includes(name))).toEqual([])
  expect(links.filter((link) => !link.startsWith('#'))).toEqual([])
}

/** The value with a bad text at the end of every text in it, but where a text decides what kind of thing it is. */
function spoiled(value: Json, bad: string, seed: number): Json {
  if (typeof value === 'string')
    return /^(?:approve|reject|human|approved|pending|votes)$/.test(value) ? value : `${value}${bad}${seed}`
  if (Array.isArray(value)) return value.map((one) => spoiled(one, bad, seed))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, spoiled(one, bad, seed)]))
}

/** Events whose chains hold again after their data was changed. */
function relinked(events: readonly AuditEvent[]): readonly AuditEvent[] {
  const heads = new Map<string, string>()
  return events.map((event) => {
    const linked = { ...event, previous: heads.get(event.subject) ?? null }
    heads.set(event.subject, chainHash(linked))
    return linked
  })
}
