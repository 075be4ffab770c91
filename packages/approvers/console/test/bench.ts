import { EventEmitter } from 'node:events'
import type { Approver, ApproverHost, ReviewDocument, VoteInput, VoteReceipt } from '@gatewright/core'
import { type ConsoleApproverOptions, consoleApprover } from '../src/index'
import { start } from './documents'
import { type FakeClock, fakeClock, settle } from './fake-clock'

/** A keyboard and a screen that are no terminal but say they are. */
export class FakeInput extends EventEmitter {
  isTTY = true
  isRaw = false
  reading = false
  setRawMode(raw: boolean): this {
    this.isRaw = raw
    return this
  }
  resume(): this {
    this.reading = true
    return this
  }
  pause(): this {
    this.reading = false
    return this
  }
}

/** Keeps what is written. */
export class FakeOutput extends EventEmitter {
  isTTY = true
  columns = 100
  rows = 200
  written = ''
  write(text: string): boolean {
    this.written += text
    return true
  }
}

const sequences = new RegExp(`${'\u001b'}\\[[0-9;?]*[A-Za-z]`, 'g')

/** An approver on fake streams, a fake host and a clock that stands still. */
export interface Bench {
  readonly approver: Approver
  readonly clock: FakeClock
  readonly input: FakeInput
  readonly output: FakeOutput
  readonly votes: VoteInput[]
  readonly documents: Map<string, ReviewDocument>
  /** What the gate answers. @default counted, and the request is decided */
  answer: (vote: VoteInput) => Promise<VoteReceipt>
  /** Everything that stands in the scrollback and on the prompt, without escape sequences. */
  screen(): string
  /** The lines of {@link screen} that hold text. */
  lines(): string[]
  /** The prompt as it stands. */
  prompt(): string
  deliver(review: ReviewDocument, deliveryId?: string, purpose?: 'ask' | 'remind'): Promise<void>
  update(review: ReviewDocument): Promise<void>
  /** One chunk from the keyboard. */
  type(chunk: string): Promise<void>
  /** Waits as a person does, then presses single keys. */
  press(...keys: readonly string[]): Promise<void>
}

const started: Bench[] = []

/** Stops what a test started. */
export async function stopBenches(): Promise<void> {
  for (const bench of started.splice(0)) await bench.approver.stop?.()
}

/** Starts an approver on a bench. */
export async function startBench(options: ConsoleApproverOptions = {}): Promise<Bench> {
  const clock = fakeClock(start)
  const input = new FakeInput()
  const output = new FakeOutput()
  const votes: VoteInput[] = []
  const documents = new Map<string, ReviewDocument>()
  const approver = consoleApprover({ input, output, color: false, editor: false, ...options })
  const host: ApproverHost = {
    vote(vote) {
      votes.push(vote)
      return bench.answer(vote)
    },
    get: async (requestId) => documents.get(requestId) ?? null,
    link: () => null,
    invite: () => null,
    seal: () => '',
    open: () => null,
    identify: async (identity) => identity,
    isOwn: async () => false,
    clock,
    logger: { info: () => {}, warn: () => {}, error: () => {} },
  }
  const bench: Bench = {
    approver,
    clock,
    input,
    output,
    votes,
    documents,
    async answer({ requestId, decision }) {
      const status = decision === 'approve' ? 'approved' : 'rejected'
      const review = documents.get(requestId)
      if (review !== undefined) {
        const next = changed(review, { status })
        documents.set(requestId, next)
        await approver.update?.(next, { id: 'delivery', reference: null })
      }
      return { status: 'counted', requestStatus: status, message: `Counted. The request is ${status}.` }
    },
    screen: () => emulate(output.written),
    lines: () =>
      bench
        .screen()
        .split('\n')
        .filter((line) => line.trim() !== ''),
    prompt: () => bench.screen().split('\n').at(-1) ?? '',
    async deliver(review, deliveryId = `delivery of ${review.requestId}`, purpose = 'ask') {
      documents.set(review.requestId, review)
      await approver.deliver(review, { stages: [], purpose }, deliveryId, new AbortController().signal)
      await settle()
    },
    async update(review) {
      documents.set(review.requestId, review)
      await approver.update?.(review, { id: 'delivery', reference: null })
      await settle()
    },
    async type(chunk) {
      input.emit('data', Buffer.from(chunk))
      await settle()
    },
    async press(...keys) {
      for (const key of keys) {
        await clock.advance(400)
        await bench.type(key)
      }
    },
  }
  await approver.start?.(host)
  started.push(bench)
  return bench
}

/** The next version of a document. */
export function changed(
  review: ReviewDocument,
  progress: Partial<ReviewDocument['progress']>,
): ReviewDocument {
  return { ...review, progress: { ...review.progress, version: review.progress.version + 1, ...progress } }
}

/** What a terminal would show: lines, carriage returns and cleared line ends. */
export function emulate(written: string): string {
  const lines: string[] = []
  let line = ''
  let column = 0
  for (const part of written.split(/(\r\n|\n|\r)/)) {
    if (part === '\r\n' || part === '\n') {
      lines.push(line)
      line = ''
      column = 0
    } else if (part === '\r') column = 0
    else {
      const [before = '', ...after] = part.split('\u001b[K')
      const put = (text: string): void => {
        const plain = text.replace(sequences, '')
        line = line.slice(0, column) + plain + line.slice(column + plain.length)
        column += plain.length
      }
      put(before)
      for (const text of after) {
        line = line.slice(0, column)
        put(text)
      }
    }
  }
  return [...lines, line].join('\n')
}
