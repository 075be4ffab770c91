import assert from 'node:assert/strict'
import {
  type ApprovalRequest,
  type ArgumentEdit,
  type AuditEvent,
  createGate,
  type Gate,
  group,
  memoryStore,
  type Policy,
  type Principal,
  type VoteReceipt,
} from '@gatewright/core'
import { failingAudit, failingStore } from '../failing'
import { type FakeClock, fakeClock } from '../fake-clock'
import { mockApprover } from '../mock-approver'
import { startPatience } from '../patience'
import type { RecordingAudit } from '../recording-audit'
import type { AgentCapability } from './agent-capabilities'
import type {
  AdapterOptions,
  AgentHarness,
  AgentParts,
  AgentRun,
  AgentUnderTest,
  ModelTurn,
  RunHow,
} from './agent-harness'
import { inWords } from './agent-told'
import { type ToolBox, toolBox } from './agent-tools'

/** A case of the suite for adapters. */
export interface AgentCase {
  readonly name: string
  /** What the framework must be able to do for the case to make sense. */
  readonly needs?: readonly AgentCapability[]
  /** Rejects, saying what was wrong. */
  run(scene: AgentScene): Promise<void>
}

/** What an agent of a scene is made of, beside the gate. */
export type SceneParts = Partial<Omit<AgentParts, 'options'>> & {
  readonly options?: Omit<AdapterOptions, 'gate'>
}

/** What is to go wrong. */
export interface Faults {
  /** Which appends to the log fail. */
  audit: (events: readonly AuditEvent[]) => boolean
  /** Which calls of the store fail. */
  store: (method: string) => boolean
}

/** What a case works with: a gate, one reviewer, tools that keep what they did, and agents of the harness. */
export interface AgentScene extends ToolBox {
  readonly clock: FakeClock
  readonly audit: RecordingAudit
  /** Every line that the gate logged. */
  readonly logged: readonly string[]
  readonly faults: Faults
  /** The gate of the present process. */
  readonly gate: Gate
  /** The present process ends, and another begins over the same store. */
  restart(): Promise<void>
  /** A gated agent. */
  agent(parts?: SceneParts): Promise<AgentUnderTest>
  /** An agent of the framework alone. */
  bareAgent(parts?: SceneParts): Promise<AgentUnderTest>
  /** What the model is told without a gate; what the tools do meanwhile is not kept. */
  ungated(script: readonly ModelTurn[], parts?: SceneParts, how?: RunHow): Promise<AgentRun>
  /** Waits, for real, until a run ends; other promises too. */
  ended<T>(run: Promise<T>): Promise<T>
  /** Delivers the last turn of `script` again. */
  again(agent: AgentUnderTest, script: readonly ModelTurn[], how?: RunHow): Promise<AgentRun>
  /** Waits, for real, until something holds. Rejects once `run`, if given, ends without it. */
  until<T>(what: string, look: () => Promise<T | undefined>, run?: Promise<unknown>): Promise<T>
  /** The requests whose arguments have this `id`, oldest first. */
  requests(id: string): Promise<readonly ApprovalRequest[]>
  /** The only request about `id`, once people are asked. Rejects when the run ends, or time runs out, without one. */
  asked(id: string, run?: Promise<unknown>): Promise<ApprovalRequest>
  /** The reviewer approves, with these changes if any. */
  approve(request: ApprovalRequest, edits?: readonly ArgumentEdit[]): Promise<void>
  /** The reviewer rejects. */
  reject(request: ApprovalRequest, note: string): Promise<void>
  /** How many requests people were asked about. */
  askedTimes(): number
  /** The request as it stands in the store. */
  stored(request: ApprovalRequest): Promise<ApprovalRequest>
}

/** The person who decides. */
export const REVIEWER: Principal = {
  type: 'human',
  issuer: 'https://idp.test',
  subject: 'rita',
  name: 'Rita Reviewer',
  groups: ['ops'],
  assurance: { method: 'sso' },
}

/** What the suite's rule says of a call, by how its `id` begins: `allowed-…`, `denied-…`; people cannot be reached about `lost-…`. */
const RULE: Policy = {
  id: 'by-id',
  version: 1,
  decide({ args }) {
    const id = String(args.id)
    if (id.startsWith('allowed-')) return { effect: 'allow' }
    return id.startsWith('denied-')
      ? { effect: 'deny', reason: 'nobody may touch it' }
      : { effect: 'abstain' }
  },
}

// Kept from here: cases replace the global one.
const { setTimeout: realTimeout, clearTimeout: clearRealTimeout } = globalThis

/** Runs one case on fresh parts. Rejects when the adapter does not do what the case wants. */
export async function runAgentCase({ run }: AgentCase, harness: AgentHarness): Promise<void> {
  const { scene, end } = makeScene(harness)
  try {
    await run(scene)
  } finally {
    await end()
  }
}

function makeScene(harness: AgentHarness): { scene: AgentScene; end: () => Promise<void> } {
  const patienceMs = harness.patienceMs ?? 5_000
  const clock = fakeClock()
  const logged: string[] = []
  const faults: Faults = { audit: () => false, store: () => false }
  const audit = failingAudit({ failWhen: (events) => faults.audit(events) })
  const store = failingStore(memoryStore({ clock }), { fail: (method) => faults.store(method) })
  const agents: AgentUnderTest[] = []
  const box = toolBox()
  let gate = newGate()

  function newGate(): Gate {
    const log = (...words: unknown[]) => void logged.push(words.map(inWords).join(' '))
    const lost = (request: { content: { arguments: readonly { path: string; text: string }[] } }) =>
      request.content.arguments.some(({ path, text }) => path.endsWith('/id') && text.startsWith('lost-'))
    return createGate({
      agent: { id: 'suite-agent', owner: null },
      approvers: [mockApprover({ otherwise: 'ignore' }).unreachable(lost)],
      requirement: { reviewers: group('ops'), within: '5m' },
      policy: [RULE],
      coalesce: false,
      store,
      audit,
      clock,
      logger: { info: log, warn: log, error: log },
    })
  }

  async function create(parts: SceneParts, options: AdapterOptions | null): Promise<AgentUnderTest> {
    const agent = await harness.create({ tools: [box.tool('remove_user')], ...parts, options })
    agents.push(agent)
    return agent
  }

  async function within<T>(what: string, work: Promise<T>): Promise<T> {
    let timer: ReturnType<typeof setTimeout> | undefined
    const isOver = startPatience(patienceMs)
    const late = new Promise<never>((_resolve, reject) => {
      const look = () => {
        if (isOver()) reject(new assert.AssertionError({ message: what }))
        else timer = realTimeout(look, 10)
      }
      look()
    })
    try {
      return await Promise.race([work, late])
    } finally {
      clearRealTimeout(timer)
    }
  }

  const scene: AgentScene = {
    ...box,
    clock,
    audit,
    logged,
    faults,
    get gate() {
      return gate
    },
    async restart() {
      await gate.close()
      gate = newGate()
    },
    agent: (parts = {}) => create(parts, { gate, ...parts.options }),
    bareAgent: (parts = {}) => create(parts, null),
    async ungated(script, parts = {}, how = {}) {
      const kept = box.runs.length
      const agent = await create(parts, null)
      const run = await scene.ended(agent.run(script, how))
      box.runs.length = kept
      return run
    },
    ended: (run) => within('the run does not end', run),
    again: (agent, script, how) => agent.again?.(how) ?? agent.run(script, how),
    async until(what, look, run) {
      const message = `it did not come to this: ${what}`
      let running = true
      const stop = () => {
        running = false
      }
      run?.then(stop, stop)
      const isOver = startPatience(patienceMs)
      for (;;) {
        const last = !running
        const found = await look()
        if (found !== undefined) return found
        assert(!last, `${message}; the run ended before`)
        assert(!isOver(), message)
        await clock.settle()
        await new Promise((resolve) => realTimeout(resolve, 1))
      }
    },
    async requests(id) {
      const { requests } = await gate.requests.list()
      return requests
        .filter(({ arguments: text }) => text.includes(`"id":${JSON.stringify(id)}`))
        .sort((one, other) => one.createdAt - other.createdAt)
    },
    async asked(id, run) {
      const find = async () => {
        const open = (await scene.requests(id)).filter(({ status }) => status === 'pending')
        assert(open.length < 2, `people were asked ${open.length} times about ${id}`)
        return open[0]
      }
      return scene.until(`people are asked about ${id}`, find, run)
    },
    approve: (request, edits) => vote(request, { decision: 'approve', ...(edits && { edits }) }),
    reject: (request, note) => vote(request, { decision: 'reject', note }),
    askedTimes: () =>
      audit.events.filter(({ type, data }) => type === 'request.created' && data.status === 'pending').length,
    async stored({ id }) {
      const request = await gate.requests.get(id)
      assert(request, `request ${id} is gone`)
      return request
    },
  }

  async function vote(
    { id: requestId }: ApprovalRequest,
    word: { decision: 'approve' | 'reject'; note?: string; edits?: readonly ArgumentEdit[] },
  ): Promise<void> {
    const review = await gate.requests.review(requestId)
    assert(review, `request ${requestId} is gone`)
    const receipt: VoteReceipt = await gate.vote({
      requestId,
      digest: review.digest,
      actor: REVIEWER,
      ...word,
    })
    assert.equal(receipt.status, 'counted', `the vote was refused: ${receipt.message}`)
    await clock.settle()
  }

  return {
    scene,
    async end() {
      faults.audit = () => false
      faults.store = () => false
      box.release()
      await gate.close()
      for (const agent of agents) await agent.dispose?.()
    },
  }
}
