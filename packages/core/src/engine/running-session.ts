import type { Json } from '../contracts/json'
import type { Principal } from '../contracts/principal'
import type { Basis } from '../contracts/request'
import type { Session } from '../contracts/session'
import { GatewrightError } from '../errors'
import type { Engine } from './engine'
import { loneEvent } from './events'
import { redactJson } from './present'

/** What a session says of its run. */
export type SessionFacts = Pick<Session, 'requestId' | 'action' | 'basis' | 'argumentsDigest' | 'reviewers'>

/** The session of one run, as the engine holds it. */
export class RunningSession implements Session {
  readonly requestId: string
  readonly action: string
  readonly basis: Basis
  readonly argumentsDigest: string
  readonly reviewers: readonly Principal[]
  credentials: Readonly<Record<string, unknown>> = {}
  readonly #engine: Engine
  readonly #callerSignal: AbortSignal | undefined
  #controller: AbortController | undefined
  #ended = false

  constructor(engine: Engine, facts: SessionFacts, callerSignal: AbortSignal | undefined) {
    this.#engine = engine
    this.#callerSignal = callerSignal
    this.requestId = facts.requestId
    this.action = facts.action
    this.basis = facts.basis
    this.argumentsDigest = facts.argumentsDigest
    this.reviewers = facts.reviewers
  }

  /** Made when first looked at: most functions never do. */
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController()
      const caller = this.#callerSignal
      if (caller?.aborted) this.#controller.abort(caller.reason)
      else caller?.addEventListener('abort', this.#followCaller, { once: true })
      if (this.#ended) this.#controller.abort(new Error('the session has ended'))
    }
    return this.#controller.signal
  }

  async record(name: string, data: Json): Promise<void> {
    if (this.#ended) {
      throw new GatewrightError(
        'ERR_NO_SESSION',
        `the session of ${this.action} has ended; nothing was recorded.`,
        { requestId: this.requestId },
      )
    }
    const engine = this.#engine
    const event = loneEvent(engine, {
      type: 'execution.recorded',
      data: { data: redactJson(engine, data), name, requestId: this.requestId },
    })
    try {
      await engine.publisher.append([event])
    } catch (cause) {
      throw new GatewrightError('ERR_AUDIT_UNAVAILABLE', `"${name}" could not be recorded.`, {
        requestId: this.requestId,
        cause,
      })
    }
    engine.emit([event], null)
  }

  abort(reason: unknown): void {
    void this.signal
    this.#controller?.abort(reason)
  }

  /** Nothing may be recorded any more; who still listens is told to stop. */
  end(): void {
    this.#ended = true
    this.#callerSignal?.removeEventListener('abort', this.#followCaller)
    this.#controller?.abort(new Error('the session has ended'))
  }

  readonly #followCaller = (): void => {
    this.#controller?.abort(this.#callerSignal?.reason)
  }
}
