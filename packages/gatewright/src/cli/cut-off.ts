import { Exit } from './exit'
import { RunExit } from './run-words'

/**
 * Watches for an end of the process before the command line is done: a config is a program, which may call `process.exit`,
 * throw out of a timer, or wait for what never comes. None of that may look like success, or like a command's own code.
 *
 * @param say - is told what happened, at the very end: it writes at once or never
 * @returns to be called when the command line is done
 */
export function watchForCutOff(command: string | undefined, say: (message: string) => void): () => void {
  const ofRun = command === 'run'
  const cutOff = (code: number): void => {
    // A signal's: whoever sent it knows.
    if (code > RunExit.signalled) return
    process.exitCode = ofRun ? RunExit.internal : Exit.invalid
    const meanwhile = ofRun
      ? 'a command that had begun goes on, and its outcome is unknown; otherwise nothing ran'
      : 'nothing more was done'
    say(
      `this program was ended before it was done, by the config or by what it loads (a process.exit, an error that nobody caught, or an await that never ends): ${meanwhile}`,
    )
  }
  process.once('exit', cutOff)
  return () => void process.off('exit', cutOff)
}
