import { type AgentOptions, type GatedTools, gateToolCalls, namesElsewhere } from '@gatewright/core/agents'

/** How the tools of an AI SDK agent are gated. */
export interface AiSdkOptions extends AgentOptions {
  /**
   * Tools that run where no gate is: at the provider (web search), or in the browser (those without `execute`). Nothing of
   * ours can hold them, so each has to be named; all others are refused.
   *
   * @default none
   */
  readonly elsewhere?: readonly string[]
}

/** Checked options. */
export interface Settings {
  readonly gated: GatedTools
  readonly elsewhere: ReadonlySet<string>
  /** The function that took them, for messages. */
  readonly where: string
  /** What a gated tool has besides. */
  readonly also?: (name: string) => object
}

/** @throws OptionError naming the option that is wrong or unknown */
export function readOptions(options: AiSdkOptions, where: string, more: readonly string[] = []): Settings {
  const gated = gateToolCalls(options, where, ['elsewhere', ...more])
  return { gated, elsewhere: namesElsewhere(options.elsewhere, where), where }
}
