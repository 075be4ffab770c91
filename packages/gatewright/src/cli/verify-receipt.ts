import {
  decodeEntry,
  discloseEvent,
  factReader,
  type Receipt,
  type ReceiptVerdict,
  verifyReceipt,
} from '@gatewright/audit'
import { makeVisible } from '@gatewright/core'
import { eventLine } from './event-line'
import { UsageError } from './exit'
import { readText, readTrust } from './files'
import { findingLine } from './finding-line'
import type { CommandIo } from './io'

/** Options of `audit verify`, as far as they concern a receipt. */
export interface ReceiptOptions {
  readonly trust?: readonly string[] | undefined
  readonly 'known-head'?: readonly string[] | undefined
  readonly 'save-head'?: string | undefined
  readonly json?: boolean | undefined
}

const MEANING: Readonly<Record<ReceiptVerdict['status'], string>> = {
  valid: 'this decision stands in the log, and what it says can have been.',
  invalid: 'it was changed, or it tells what cannot have been. Do not rely on it.',
  diverged: 'it is not of the log that it names.',
  incomplete: 'nothing is wrong with what is there, but not all of it is there.',
}

/** Verifies one receipt, and says what it shows. @throws UsageError for options that are for logs */
export function verifyReceiptFile(
  path: string,
  options: ReceiptOptions,
  io: CommandIo,
): ReceiptVerdict['status'] {
  const { json, trust } = options
  if (options['known-head'] !== undefined || options['save-head'] !== undefined)
    throw new UsageError(
      '--known-head and --save-head are for logs; a receipt carries the head that vouches for it',
    )
  if (trust === undefined)
    throw new UsageError(
      'whose signatures do you trust? Give --trust FILE, with the keys that "gatewright audit key" prints',
    )
  const verdict = verifyReceipt(readText(path, 'the receipt'), {
    trust: trust.flatMap((file) => [...readTrust(file)]),
  })
  if (json) io.out(JSON.stringify(summaryOf(verdict), null, 2))
  else describe(verdict, io)
  return verdict.status
}

/** The verdict without the receipt itself, which whoever reads this has. */
function summaryOf({ findings, head, receipt, status }: ReceiptVerdict): object {
  return {
    status,
    findings,
    requestId: receipt?.requestId ?? null,
    events: receipt?.events.length ?? 0,
    head,
  }
}

function describe({ findings, head, receipt, status }: ReceiptVerdict, io: CommandIo): void {
  // What does not hold is not told on: nobody should come to believe it.
  if (receipt !== null && head !== null) {
    io.out(
      `receipt of ${plain(receipt.requestId)}: ${receipt.events.length} events of the log ${plain(head.origin)}`,
    )
    io.out(`under its head of ${head.size.toLocaleString('en-US')} entries, root ${head.root}`)
    for (const line of storyOf(receipt, io)) io.out(`  ${line}`)
  }
  for (const finding of findings) io.out(findingLine(finding))
  io.out(`${status}: ${MEANING[status]}`)
  if (status === 'valid')
    io.err(
      'It shows one decision up to that head, and not what came after, nor the rest of the log: verify the log itself for that.',
    )
}

/** The events, as `audit show` prints them. */
function storyOf({ events }: Receipt, io: CommandIo): readonly string[] {
  const factsOf = factReader()
  return events.map(({ body, entry, openings }) => {
    const stored = decodeEntry(Buffer.from(entry, 'utf8'))
    const whole = body === null ? stored : { ...stored, data: JSON.parse(body) as typeof stored.data }
    const event = discloseEvent(whole, openings)
    const columns = io.columns == null ? null : io.columns - 2
    return eventLine(event, factsOf(event), { colour: io.colour ?? false, columns })
  })
}

function plain(text: string): string {
  return makeVisible(text).text
}
