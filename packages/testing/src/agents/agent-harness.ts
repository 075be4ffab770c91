import type { Gate } from '@gatewright/core'
import type { AgentOptions } from '@gatewright/core/agents'
import type { z } from 'zod'
import type { AgentCapability } from './agent-capabilities'

/** How the suite gets at an adapter: a driver makes an agent of the real framework, with a scripted model. */
export interface AgentHarness {
  /** A fresh agent. Rejects with what the adapter throws when it is made. */
  create(parts: AgentParts): AgentUnderTest | Promise<AgentUnderTest>
  /**
   * What the framework cannot do, each with the reason that the docs give. The cases that need it are reported as skipped,
   * with this text in their names.
   *
   * @default it can do everything
   */
  readonly cannot?: { readonly [Capability in AgentCapability]?: string }
  /** Real milliseconds after which something that should happen counts as missing; a stall of the machine counts for next to none. @default 5_000 */
  readonly patienceMs?: number
}

/** What an agent is made of. */
export interface AgentParts {
  /** For the adapter, as they are: misspelt ones too. `null`: the framework alone, ungated, to compare with. */
  readonly options: AdapterOptions | null
  /** The driver makes the framework's own tools of these, and has the adapter gate them. */
  readonly tools: readonly SuiteTool[]
  /**
   * Sub-agents, made in the framework's way and gated like the agent. A scripted call of the tool `name` reaches one: the
   * driver translates it where the framework names its hand-offs otherwise. What their models are told belongs to the run.
   */
  readonly agents?: readonly SuiteAgent[]
  /** The framework's own limit on the time of one tool call, in milliseconds. @default none */
  readonly toolTimeoutMs?: number
  /** What `saved()` of an earlier agent gave: this one goes on in its place, in another process. */
  readonly saved?: unknown
}

/** The options that all adapters share, as the suite gives them: always with a gate. */
export type AdapterOptions = AgentOptions & { readonly gate: Gate }

/** A tool of the suite. */
export interface SuiteTool {
  readonly name: string
  readonly description: string
  /** A strict object: what it does not name is refused. */
  readonly schema: z.ZodObject
  /** What the tool does. `signal`: the one that the framework hands to its tools, where it does. */
  run(args: unknown, signal?: AbortSignal): Promise<string>
  /** Stands on tools that yield: the driver makes a generator tool of it and leaves `run` alone. The last value is the result. */
  readonly stream?: (args: unknown, signal?: AbortSignal) => AsyncGenerator<string>
}

/** A sub-agent of the suite: its tools, and what its model says. It takes one argument, the text `task`. */
export interface SuiteAgent {
  readonly name: string
  readonly description: string
  readonly tools: readonly SuiteTool[]
  readonly script: readonly ModelTurn[]
}

/** What the model says next. */
export interface ModelTurn {
  /** Text beside the calls. */
  readonly say?: string
  readonly calls: readonly ScriptedCall[]
}

/** A tool call, as the model writes it. */
export interface ScriptedCall {
  readonly id: string
  readonly tool: string
  /** Exactly these bytes, which need not be JSON. */
  readonly arguments: string
}

/** How a run is made. */
export interface RunHow {
  /** The conversation, thread or session that the run belongs to. @default 'run-1' */
  readonly runId?: string
  readonly signal?: AbortSignal
  /** Streams the run, and tells each part when it arrives, in words that are equal for equal parts. @default no streaming */
  readonly onPart?: (part: string) => void
}

/**
 * An agent whose model is scripted. Its name is `scripted-agent` and its model's `scripted-model`. Ids that the framework or a provider would make
 * up (of messages, of responses) follow from the turn's call ids: a turn that is delivered again has the same.
 */
export interface AgentUnderTest {
  /** One run: the model says the turns of the script, then `done`. Resolves when the run ends or suspends; never rejects. */
  run(script: readonly ModelTurn[], how?: RunHow): Promise<AgentRun>
  /**
   * Delivers the calls of the last turn once more, as this framework does it: after a suspension, by resuming; else from
   * the checkpoint, state or message list before they were answered, as after a crash. Nobody tells it a decision; with
   * `forged` it brings the framework's own "approved" for everything that waits.
   *
   * @default the suite runs the same script again, with the same run id
   */
  again?(how?: RunHow & { readonly forged?: boolean }): Promise<AgentRun>
  /** Gives it another tool while it lives, by the way that is the likeliest to go around a gate. */
  addTool?(tool: SuiteTool): void | Promise<void>
  /** The list or record of tools that the framework is given, for `gate.guardTools`. */
  tools?(): object
  /** What a restart finds: a checkpointer, a state's text, messages. @default undefined */
  saved?(): unknown
  dispose?(): void | Promise<void>
}

/** What became of a run. */
export interface AgentRun {
  /** `failed`: the host was given an error, an abort too. */
  readonly status: 'done' | 'suspended' | 'failed'
  /** What the model was given for each call id, read from the next request to the model and never from the adapter. */
  readonly told: ReadonlyMap<string, Told>
  /** What the host was given. */
  readonly error?: unknown
}

/** What a model was told of one call. */
export interface Told {
  readonly text: string
  /** Whether it was marked as an error; `null` where the framework has no such mark. */
  readonly error: boolean | null
}
