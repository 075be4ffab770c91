import { existsSync } from 'node:fs'
import { createGate as createCoreGate, memoryAudit, memoryStore } from '@gatewright/core'
import type { GateOptions } from '../../create-gate'
import { type Config, isGate, loadConfig } from '../config'
import { checkMcp } from './check-mcp'
import { type DoctorFindings, reasonOf } from './findings'

/** What a config told. */
export interface CheckedConfig {
  readonly config: Config | null
  /** Its options, where they are options and a gate can be made of them. */
  readonly options: GateOptions | null
  /** Nothing more can be told without a config that loads. */
  readonly isBroken: boolean
}

const quiet = { info() {}, warn() {}, error() {} }

/** Loads the config, and makes a gate of its options, in memory alone, which is never started. */
export async function checkConfig(
  file: string | undefined,
  findings: DoctorFindings,
): Promise<CheckedConfig> {
  let config: Config | null
  try {
    config = await loadConfig(file)
  } catch (error) {
    const isMissing = file !== undefined && !existsSync(file)
    const fix = isMissing
      ? 'write one: gatewright init'
      : 'correct it; a new one is printed by: gatewright init --dry-run'
    findings.problem('config', reasonOf(error), fix)
    return { config: null, options: null, isBroken: true }
  }
  if (config === null) {
    findings.warning(
      'config',
      'there is no gatewright.config.mjs here: only what a gate keeps is looked at',
      'write one: gatewright init; or name it: gatewright doctor --config FILE',
    )
    return { config, options: null, isBroken: false }
  }
  const { gate } = config
  if (isGate(gate)) {
    findings.warning(
      'config',
      'the config makes its gate by itself, so that its options cannot be looked at, and loading it may have opened its log',
      'export the options of createGate, and make the gate in the program',
    )
    await gate.close()
    return { config, options: null, isBroken: false }
  }
  const problem = problemOf(gate)
  if (problem !== null) {
    findings.problem(
      'config',
      `the config loads, but no gate can be made of it: ${problem}`,
      'correct that option in the config',
    )
    return { config, options: null, isBroken: false }
  }
  findings.ok('config', 'the config loads, and a gate can be made of it')
  checkMcp(config, findings)
  if (gate.ephemeral === true)
    findings.warning(
      'config',
      'ephemeral: true keeps everything in memory: a restart forgets who approved what',
      'take it out of the config, unless this is a trial',
    )
  if (gate.mode === 'observe')
    findings.warning(
      'config',
      "mode: 'observe' asks nobody: what would be asked runs",
      'take it out of the config, when watching is over',
    )
  return { config, options: gate, isBroken: false }
}

/** What is wrong with the options; `null` when nothing is. */
function problemOf({ dataDirectory, ...options }: GateOptions): string | null {
  if (dataDirectory !== undefined && (typeof dataDirectory !== 'string' || dataDirectory === ''))
    return 'createGate.dataDirectory: must be the path of a directory'
  try {
    const made = createCoreGate({
      ...options,
      approvers: options.approvers ?? [],
      store: options.store ?? memoryStore(),
      audit: options.audit === undefined ? memoryAudit() : options.audit,
      logger: options.logger ?? quiet,
    })
    // It was not started: nothing is waited for.
    void made.close()
    return null
  } catch (error) {
    return reasonOf(error)
  }
}
