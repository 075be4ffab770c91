import { type Approver, OptionError, type PersonRef } from '@gatewright/core'
import { refuseDemoInProduction } from './demo'
import { createDesk, type Desk } from './desk'
import { editInEditor } from './editor'
import { type ConsoleApproverOptions, type ResolvedOptions, requireTerminal, resolveOptions } from './options'
import { createScreen } from './screen'
import { createTerminal } from './terminal'

/** Marks a keyboard in use, also for other copies of this package. */
const inUse = Symbol.for('gatewright.console.v1')

/**
 * Asks the person at the terminal. Requests queue up; each is shown in full, and one key approves or rejects exactly
 * what is shown. The terminal is taken only while something waits to be decided, and given back whatever happens.
 *
 * Votes are cast as the operating system's user with assurance `local`, unless `reviewer` or `demo` says otherwise.
 * What the host program prints meanwhile appears above the prompt.
 *
 * @example
 * const gate = createGate({ agent, reviewers: group('ops'), approvers: [consoleApprover({ groups: ['ops'] })] })
 *
 * @throws {OptionError} for a wrong or unknown option, and for `demo` in production. `start()` rejects with one when
 * there is no terminal, or another console approver already reads it.
 */
export function consoleApprover(options: ConsoleApproverOptions = {}): Approver {
  const resolved = resolveOptions(options)
  const reached: readonly PersonRef[] = resolved.people.map(({ issuer, subject }) => ({ issuer, subject }))
  let desk: Desk | null = null

  return {
    name: resolved.name,
    transient: true,
    async start(host) {
      if (resolved.demo) refuseDemoInProduction()
      requireTerminal(resolved)
      claim(resolved.input)
      desk = createDesk({
        host,
        screen: createScreen({
          output: resolved.output,
          watched: watchedBy(resolved),
          color: resolved.color,
          ...(resolved.width === null ? {} : { width: resolved.width }),
        }),
        terminal: (events) => createTerminal(resolved.input, events),
        people: resolved.people,
        demo: resolved.demo,
        editor: editorOf(resolved),
        raise: (signal) => raise(signal, resolved),
      })
    },
    async deliver(review, to, deliveryId, signal) {
      signal.throwIfAborted()
      if (desk === null) throw new Error('the console approver was not started, so nothing was shown')
      desk.add(review, deliveryId, to.purpose)
      return { reference: review.requestId, reached }
    },
    async update(review) {
      desk?.change(review)
    },
    async stop() {
      if (desk === null) return
      desk.close()
      desk = null
      Reflect.deleteProperty(resolved.input, inUse)
    },
  }
}

/** Two approvers on one keyboard would both hear every key: one press would decide two requests (T38). */
function claim(input: object): void {
  if (Object.hasOwn(input, inUse)) {
    throw new OptionError(
      'consoleApprover.input',
      'is read by another console approver. Stop that one first, or give the gates one store and one approver',
    )
  }
  Object.defineProperty(input, inUse, { value: true, configurable: true })
}

function watchedBy({ output }: ResolvedOptions): readonly ResolvedOptions['output'][] {
  const others = [process.stdout, process.stderr].filter((stream) => stream !== output && stream.isTTY)
  const standard = output === process.stdout || output === process.stderr
  return standard ? [output, ...others] : [output]
}

function editorOf({ editor, input, output }: ResolvedOptions): ((text: string) => Promise<string>) | null {
  const { fd: from } = input
  const { fd: to } = output
  if (editor === null || from === undefined || to === undefined) return null
  return (text) => editInEditor(text, editor, { input: from, output: to })
}

/** Only the terminal that controls this process stops it. */
function raise(signal: 'SIGINT' | 'SIGTSTP', { input }: ResolvedOptions): void {
  if (input === process.stdin) process.kill(process.pid, signal)
}
