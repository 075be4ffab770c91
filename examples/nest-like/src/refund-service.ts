// A service class as in NestJS: it is handed what it needs, reading asks nobody, and giving money back waits for a person.
// Its test compiles it both ways, with standard decorators and with NestJS's: npx vitest run --project unit examples/nest-like
import { currentSession, requiresApproval } from '@gatewright/core'

/** Where the money is: one provider of many. */
export interface Payments {
  /** What is left of what was paid for an order, in cents. */
  paid(order: string): Promise<number>
  giveBack(order: string, cents: number): Promise<void>
}

/** What a refund leaves behind. */
export interface Receipt {
  readonly order: string
  readonly cents: number
  /** Those who agreed; nobody where a rule allowed it. */
  readonly approvedBy: readonly string[]
}

/**
 * One line above a method, and every call of it comes before the gate: from a controller, from another service, from an
 * agent that was handed it as a tool. Who must agree, and from which sum on, is for the gate to say (refund-gate.ts).
 *
 * Under NestJS the class bears `@Injectable()` as ever, and tsconfig.json `experimentalDecorators`; nothing else changes.
 */
export class RefundService {
  constructor(private readonly payments: Payments) {}

  async paid(order: string): Promise<number> {
    return this.payments.paid(order)
  }

  // `parameters` names the arguments for reviewers and rules.
  @requiresApproval({
    action: 'order.refund',
    title: 'Give money back',
    parameters: ['order', 'cents', 'reason'],
  })
  async refund(order: string, cents: number, reason: string): Promise<Receipt> {
    const session = currentSession()
    await session?.record('refund', { reason })
    await this.payments.giveBack(order, cents)
    return { order, cents, approvedBy: session?.reviewers.map(({ name }) => name) ?? [] }
  }
}
