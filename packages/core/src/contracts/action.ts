import type { Duration } from './clock'
import type { CredentialBroker } from './credentials'
import type { Json } from './json'
import type { Principal } from './principal'

/** The agent or script that makes calls. Comes from the host program, never from arguments. */
export interface Requester {
  readonly id: string
  readonly name: string
  /** Whoever answers for the agent; `null` says "nobody" and is logged. Cannot review its calls (I4). */
  readonly owner: Principal | null
}

/** What the host program's own lookups say about a call. Shown to reviewers as facts, unlike the agent's words. */
export interface ActionContext {
  /** What is touched. */
  readonly resource?: Json
  /** Where the data comes from and goes to. */
  readonly lineage?: Json
  /** What will change, and how much of it. */
  readonly impact?: Json
  /** The permissions the call would use. */
  readonly scope?: Json
  readonly labels?: { readonly [name: string]: Json }
}

/** A call, as given to an action's lookups: copies, never what runs. */
export interface ActionCall<Args = Readonly<Record<string, unknown>>> {
  readonly action: string
  readonly args: Args
  readonly requester: Requester
  readonly onBehalfOf: Principal | null
  /** Aborted at the lookup's deadline, or when the caller gave up. */
  readonly signal: AbortSignal
}

/** The part of the Standard Schema 1 interface (https://standardschema.dev) that is used; zod, valibot and arktype schemas have it. */
export interface StandardSchema<Input = unknown, Output = Input> {
  readonly '~standard': {
    readonly version: 1
    readonly vendor: string
    readonly validate: (value: unknown) => StandardResult<Output> | Promise<StandardResult<Output>>
    readonly types?: { readonly input: Input; readonly output: Output } | undefined
  }
}

/** What a Standard Schema answers. */
export type StandardResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | {
      readonly issues: readonly {
        readonly message: string
        readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined
      }[]
    }

/** The options of one action. All have safe defaults. */
export interface ActionOptions<Args = Readonly<Record<string, unknown>>> {
  /** Checks (and may complete) the arguments before policy sees them. Its output is what is shown and what runs. */
  readonly input?: StandardSchema<unknown, Args>
  /** Names for positional arguments, in order. A call with more arguments than names is refused. */
  readonly parameters?: readonly string[]
  /** What reviewers read above the arguments. */
  readonly title?: string
  readonly description?: string
  /** Looks up the facts of a call. Failing is shown, and an allowed call then asks. */
  readonly context?: (call: ActionCall<Args>) => ActionContext | Promise<ActionContext>
  /** Digests of what the arguments name (a file, a branch), taken when the call is made and compared before it runs (T10). */
  readonly pin?: (
    call: ActionCall<Args>,
  ) => Readonly<Record<string, string>> | Promise<Readonly<Record<string, string>>>
  /** JSON Pointers into the named arguments that no reviewer or log may see in clear; `*` stands for any one step. */
  readonly redact?: readonly string[]
  /**
   * JSON Pointers into the named arguments that hold personal data; `*` stands for any one step. Reviewers see them; the
   * log gets commitments, and keeps the values beside, where they can be erased.
   */
  readonly personal?: readonly string[]
  /** Arguments that cannot be copied, by name: what is reviewed and digested in their place. The function gets the live value, re-checked before it runs. */
  readonly facts?: { readonly [parameter: string]: (value: unknown) => unknown }
  /** Running it twice does no more than running it once: a retry after a failure does not ask again. @default false */
  readonly idempotent?: boolean
  /** Keep the result with the request, so that a repeated call with the same key gets it. @default false */
  readonly keepResult?: boolean
  /** What becomes of an approved call whose process vanished. @default 'hold' */
  readonly onOrphan?: 'hold' | 'run'
  /** Aborts the session's signal after this long. @default no limit */
  readonly executionTimeout?: Duration
  /** How long an aborted function may take to settle before its outcome is called unknown. @default '5s' */
  readonly grace?: Duration
  /** Issued for one session and revoked at its end. */
  readonly credentials?: { readonly [name: string]: CredentialBroker }
}
