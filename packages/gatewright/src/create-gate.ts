import { mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { type FileAudit, fileAudit } from '@gatewright/audit'
import {
  type GateOptions as CoreGateOptions,
  createGate as createCoreGate,
  type Gate,
  OptionError,
} from '@gatewright/core'

/** What a program says once about its gate. */
export interface GateOptions extends CoreGateOptions {
  /**
   * Where what the gate keeps by itself lies: the signed log, in `audit-log/`, and its key beside it. Made with mode 0700.
   * Keep it out of version control. One process uses it at a time; give each its own.
   *
   * @default '.gatewright', in the directory that the program runs in
   */
  readonly dataDirectory?: string
}

/**
 * Makes a gate whose log is durable and signed, unless another one is given: `fileAudit` in `.gatewright/audit-log`. It is
 * closed with the gate. With `ephemeral: true` nothing is written. Everything else is as in `@gatewright/core`.
 *
 * A log that cannot be opened runs nothing: calls are refused with `ERR_AUDIT_UNAVAILABLE` and the reason. Executions that
 * an earlier run left without an outcome are told to the logger.
 *
 * @throws OptionError naming the option that is wrong, unknown or missing
 * @example
 * ```ts
 * import { consoleApprover, createGate, group, memoryStore } from 'gatewright'
 *
 * const gate = createGate({
 *   agent: { id: 'ops-bot', owner: null },
 *   approvers: [consoleApprover({ groups: ['ops'] })],
 *   reviewers: group('ops'),
 *   store: memoryStore(),
 * })
 * ```
 */
export function createGate(options: GateOptions): Gate {
  const { dataDirectory, ...core } = options
  const keepsNothing = core.audit !== undefined || core.ephemeral === true
  if (dataDirectory !== undefined && (typeof dataDirectory !== 'string' || dataDirectory === ''))
    throw new OptionError('createGate.dataDirectory', 'must be the path of a directory')
  if (keepsNothing) {
    if (dataDirectory !== undefined)
      throw new OptionError('createGate.dataDirectory', 'is of no use: nothing would be kept in it')
    return createCoreGate(core)
  }
  const place = resolve(dataDirectory ?? '.gatewright')
  mkdirSync(place, { recursive: true, mode: 0o700 })
  const audit = fileAudit({ directory: join(place, 'audit-log') })
  try {
    const gate = createCoreGate({ ...core, audit })
    tellUnknown(audit, core.logger ?? console)
    return closing(gate, audit)
  } catch (error) {
    void audit.close()
    throw error
  }
}

function tellUnknown(audit: FileAudit, logger: NonNullable<CoreGateOptions['logger']>): void {
  audit.opened.then(
    ({ unknown }) => {
      if (unknown.length > 0)
        logger.warn('calls were cut off while they ran; what became of them is unknown', {
          requestIds: unknown,
        })
    },
    // The first call is refused with the reason.
    () => {},
  )
}

/** The same gate, which closes its log after itself. */
function closing(gate: Gate, audit: FileAudit): Gate {
  const closeGate = gate.close
  let ended: Promise<void> | null = null
  const close = (): Promise<void> => {
    ended ??= closeGate().finally(() => audit.close())
    return ended
  }
  return Object.assign(gate, { close, [Symbol.asyncDispose]: close })
}
