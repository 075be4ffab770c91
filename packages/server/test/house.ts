import {
  type Approver,
  type ApproverHost,
  createGate,
  type Gate,
  type GateOptions,
  group,
  memoryAudit,
  type Principal,
  person,
} from '@gatewright/core'
import {
  createReviewServer,
  devSignIn,
  type ReviewServer,
  type ReviewServerOptions,
} from '@gatewright/server'

export const SECRET = 'a secret of more than thirty-two characters'
export const ORIGIN = 'http://localhost:4999'

/** Somebody who can be chosen at the made-up sign-in. */
export function made(subject: string, name: string, groups: readonly string[]): Principal {
  return person('demo', subject, { name, groups, assurance: { method: 'demo' } })
}

export const ada = made('ada', 'Ada Moreno', ['ops'])
export const ben = made('ben', 'Ben Okafor', ['ops'])
export const eve = made('eve', 'Eve Sales', ['sales'])
export const audrey = made('audrey', 'Audrey Audit', ['auditors'])
export const olga = made('olga', 'Olga Owner', ['ops'])
export const everybody = [ada, ben, eve, audrey, olga]

/** A gate with a review server in front of it. */
export interface House {
  readonly gate: Gate
  readonly server: ReviewServer
  /** The host of the approver that stands for a chat. */
  readonly chat: () => ApproverHost
  /** What the server logged. */
  readonly logged: { readonly level: string; readonly fields: unknown }[]
  /** Makes a call that waits; gives the id of its request. */
  ask(action: string, args: unknown, context?: { readonly intent?: string }): Promise<string>
  /** Runs of the gated functions. */
  readonly runs: unknown[]
}

const open = new Set<Gate>()

/** Closes whatever a test opened. */
export async function closeHouses(): Promise<void> {
  const gates = [...open]
  open.clear()
  await Promise.all(gates.map((gate) => gate.close()))
}

/** Opens one. The agent is Olga's, and one of `ops` decides, unless said otherwise. */
export function house(
  gateOptions: Partial<GateOptions> = {},
  serverOptions: Partial<ReviewServerOptions> = {},
): House {
  let host: ApproverHost | null = null
  const chat: Approver = {
    name: 'chat',
    async start(given) {
      host = given
    },
    deliver: async () => ({}),
  }
  const url = serverOptions.url ?? ORIGIN
  const reviewed = gateOptions.requirement === undefined ? { reviewers: group('ops') } : {}
  const stored = gateOptions.store === undefined ? { ephemeral: true as const } : { audit: memoryAudit() }
  const gate = createGate({
    agent: { id: 'ops-bot', name: 'Ops bot', owner: olga },
    approvers: [chat],
    secrets: [SECRET],
    linking: (token) => `${url}/link/${encodeURIComponent(token)}`,
    coolDown: 0,
    logger: { info() {}, warn() {}, error() {} },
    ...reviewed,
    ...stored,
    ...gateOptions,
  })
  open.add(gate)
  const logged: House['logged'] = []
  const log = (level: string) => (fields: unknown) => void logged.push({ level, fields })
  const server = createReviewServer(gate, {
    url,
    signIn: devSignIn({ people: everybody }),
    secrets: [SECRET],
    viewers: ['auditors'],
    rateLimit: false,
    logger: { info: log('info'), warn: log('warn'), error: log('error') },
    ...serverOptions,
  })
  const runs: unknown[] = []
  return {
    gate,
    server,
    logged,
    runs,
    chat() {
      if (host === null) throw new Error('the gate has not started')
      return host
    },
    async ask(action, args, context = {}) {
      const created = new Promise<string>((resolve) => {
        const stop = gate.on('request.created', ({ request }) => {
          if (request === null) return
          stop()
          resolve(request.id)
        })
      })
      const run = gate.requireApproval(
        async (given: unknown) => {
          runs.push(given)
          return 'done'
        },
        { action },
      )
      gate.as(context, () => run(args)).catch(() => undefined)
      return created
    },
  }
}
