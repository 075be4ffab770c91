import { PassThrough } from 'node:stream'
import { type ApprovalRequest, createGate, type Gate, type GateOptions, group } from '@gatewright/core'
import { type MockApprover, mockApprover } from '@gatewright/testing'
import { type StdioGateway, type StdioGatewayOptions, stdioGateway } from '../src'
import { linesOf } from '../src/lines'

/** A gate with one reviewer, who decides when a test says so. */
export interface GateScene {
  readonly gate: Gate
  readonly approver: MockApprover
  /** The only request that waits, once there is one. */
  asked(): Promise<ApprovalRequest>
  approve(request: ApprovalRequest): Promise<unknown>
  reject(request: ApprovalRequest, note: string): Promise<unknown>
  /** Resolves once the request is no more what it was. */
  status(request: ApprovalRequest, wanted: string): Promise<void>
}

export function gateScene(options: Partial<GateOptions> = {}): GateScene {
  const approver = mockApprover({ otherwise: 'ignore' })
  const gate = createGate({
    agent: { id: 'desk-agent', owner: null },
    approvers: [approver],
    reviewers: group('ops'),
    ephemeral: true,
    coalesce: false,
    logger: { info() {}, warn() {}, error() {} },
    ...options,
  })
  const until = async <T>(look: () => Promise<T | undefined>): Promise<T> => {
    for (;;) {
      const found = await look()
      if (found !== undefined) return found
      await new Promise((resolve) => setImmediate(resolve))
    }
  }
  const vote = async ({ id }: ApprovalRequest, decision: 'approve' | 'reject', note?: string) => {
    const review = await gate.requests.review(id)
    return gate.vote({
      requestId: id,
      digest: review?.digest ?? '',
      decision,
      actor: {
        type: 'human',
        issuer: 'https://idp.test',
        subject: 'rita',
        name: 'Rita',
        groups: ['ops'],
        assurance: { method: 'sso' },
      },
      ...(note === undefined ? {} : { note }),
    })
  }
  return {
    gate,
    approver,
    asked: () => until(async () => (await gate.requests.list({ status: ['pending'] })).requests[0]),
    approve: (request) => vote(request, 'approve'),
    reject: (request, note) => vote(request, 'reject', note),
    async status({ id }, wanted) {
      await until(async () => ((await gate.requests.get(id))?.status === wanted ? true : undefined))
    },
  }
}

/** A gateway in this process, and its client's end: lines of JSON. */
export interface RawClient {
  readonly gateway: StdioGateway
  say(line: string): void
  /** The next line that the client is sent. */
  next(): Promise<string>
  leave(): void
}

export function rawClient(options: StdioGatewayOptions): RawClient {
  const [input, output] = [new PassThrough(), new PassThrough()]
  const gateway = stdioGateway({ ...options, input, output })
  const lines = linesOf(output)
  return {
    gateway,
    say: (line) => void input.write(`${line}\n`),
    async next() {
      const { value } = await lines.next()
      return String(value).trimEnd()
    },
    leave: () => void input.end(),
  }
}
