import { spawn } from 'node:child_process'
import { rmSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Where an editor reads and writes: the descriptors of the terminal. */
export interface EditorTerminal {
  readonly input: number
  readonly output: number
}

/**
 * Lets a person edit a text in their own editor. The text lies in a file that only they can read, in a directory that
 * only they can enter, and both are gone afterwards, also when the process ends meanwhile.
 *
 * @param command - as in `$EDITOR`: a program, perhaps with arguments; it comes from the environment or the host program
 * @returns what the file holds when the editor is closed
 * @throws when the editor cannot be started or ends with an error
 */
export async function editInEditor(text: string, command: string, terminal: EditorTerminal): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'gatewright-'))
  const remove = (): void => rmSync(directory, { recursive: true, force: true })
  process.on('exit', remove)
  try {
    const file = join(directory, 'arguments.json')
    await writeFile(file, text, { mode: 0o600, flag: 'wx' })
    await run(command, file, terminal)
    return await readFile(file, 'utf8')
  } finally {
    process.off('exit', remove)
    await rm(directory, { recursive: true, force: true })
  }
}

function run(command: string, file: string, { input, output }: EditorTerminal): Promise<void> {
  // Ctrl-C at an editor is the editor's: it must not end the program that waits for it.
  const ignore = (): void => {}
  process.on('SIGINT', ignore)
  return new Promise<void>((resolve, reject) => {
    const windows = process.platform === 'win32'
    const child = windows
      ? spawn(`${command} "${file}"`, { shell: true, stdio: [input, output, output] })
      : spawn('/bin/sh', ['-c', `${command} "$1"`, 'sh', file], { stdio: [input, output, output] })
    child.on('error', reject)
    child.on('close', (code, signal) => {
      if (code === 0) resolve()
      else
        reject(new Error(signal === null ? `it ended with exit code ${code}` : `it was ended by ${signal}`))
    })
  }).finally(() => process.off('SIGINT', ignore))
}
