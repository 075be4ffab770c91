import { currentSession, type Gate, requiresApproval } from '@gatewright/core'
import { describeDecorated } from '../decorated-class-suite'

class Account {
  constructor(public balance: number) {}

  @requiresApproval({ action: 'account.deposit', parameters: ['amount'] })
  async deposit(amount: number): Promise<number> {
    this.balance += amount
    return this.balance
  }

  @requiresApproval({ action: 'account.fail' })
  async fail(): Promise<never> {
    throw new Error('no such account')
  }
}

class Savings extends Account {
  override async deposit(amount: number): Promise<number> {
    await super.deposit(amount)
    this.balance += 100
    return this.balance
  }
}

class Bank {
  readonly name = 'bank'

  @requiresApproval({ action: 'account.close' })
  static async close(name: string): Promise<string> {
    return `closed ${name}`
  }
}

function boundTo(gate: Gate) {
  class Bound {
    @gate.requiresApproval({ action: 'word.run' })
    async run(word: string): Promise<string> {
      return `${word} ${currentSession()?.requestId}`
    }
  }
  return Bound
}

function decorateField(): unknown {
  class Wrong {
    // @ts-expect-error a field is no method
    @requiresApproval({ action: 'account.deposit' })
    balance = 5
  }
  return Wrong
}

describeDecorated('TC39', { Account, Savings, Bank, boundTo, decorateField })
