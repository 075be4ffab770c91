import { existsSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { types } from 'node:util'
import type { Gate } from '@gatewright/core'
import { createGate, type GateOptions } from '../create-gate'
import { logOpened } from '../own-log'
import { FailedError, UsageError } from './exit'

/** What each command that reads a config says of it in its help. */
export const CONFIG_HELP = `  --config FILE      a module whose default export is the options of createGate, or a gate. Default: gatewright.config.mjs,
                     .js, .mts or .ts in this directory (TypeScript needs Node 22.18 or newer)`

const NAMES = ['mjs', 'js', 'mts', 'ts'].map((ending) => `gatewright.config.${ending}`)

/** What a config says. */
export interface Config {
  /** Its default export: a gate that it made, or the options of one. */
  readonly gate: Gate | GateOptions
  /** Its other exports, by their names. */
  readonly named: Readonly<Record<string, unknown>>
}

/**
 * Loads a config. It is a program: only the one that was named, or lies in the directory of this process, is run.
 *
 * @returns `null` where none was named and there is none
 * @throws UsageError when the file is missing, cannot be loaded, or exports no gate
 */
export async function loadConfig(file: string | undefined): Promise<Config | null> {
  const found = file ?? NAMES.find((name) => existsSync(name))
  if (found === undefined) return null
  if (!existsSync(found)) throw new UsageError(`there is no config ${found}`)
  if (!statSync(found).isFile()) throw new UsageError(`the config ${found} is no file`)
  const { default: gate, ...named } = await load(found)
  if (types.isPromise(gate))
    throw new UsageError(`the config ${found} exports a promise: export default await …`)
  if (typeof gate !== 'object' || gate === null)
    throw new UsageError(`the config ${found} has no default export: the options of createGate, or a gate`)
  return { gate: gate as Gate | GateOptions, named }
}

async function load(file: string): Promise<Readonly<Record<string, unknown>>> {
  try {
    return (await import(pathToFileURL(resolve(file)).href)) as Readonly<Record<string, unknown>>
  } catch (error) {
    throw new UsageError(
      `the config ${file} ${error instanceof Error ? problemOf(error, file) : 'cannot be loaded: it threw'}`,
    )
  }
}

function problemOf(error: NodeJS.ErrnoException, file: string): string {
  const { code = '', message } = error
  if (code === 'ERR_UNKNOWN_FILE_EXTENSION') return 'is TypeScript, which needs Node 22.18 or newer: use .mjs'
  // Its name differs between versions of Node.
  if (/^ERR_IMPORT_.+_MISSING$/.test(code)) return 'is no module: write one with gatewright init'
  const missing = code === 'ERR_MODULE_NOT_FOUND' && /package '([^']+)'/.exec(message)?.[1]
  const help = missing ? `. npm install ${missing}, beside it` : ''
  // Node shows the place where it ends by the error, and nowhere else.
  const place = error instanceof SyntaxError ? `. To see where: node ${file}` : ''
  return `cannot be loaded: ${message}${help}${place}`
}

/** The gate of a config, started. @throws FailedError when it cannot start */
export async function startGate({ gate }: Config, defaults: Partial<GateOptions>): Promise<Gate> {
  const made = isGate(gate) ? gate : createGate({ ...defaults, ...gate })
  try {
    // Without it every call would be refused, one by one.
    await logOpened(made)
    await made.start()
    return made
  } catch (error) {
    await made.close()
    throw new FailedError(error instanceof Error ? error.message : 'the gate cannot start', { cause: error })
  }
}

/** Whether a config made its gate by itself. */
export function isGate(gate: Gate | GateOptions): gate is Gate {
  return 'requests' in gate && 'vote' in gate
}
