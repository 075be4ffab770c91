import { mkdtempSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { devNull, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { editInEditor } from './editor'

// What the shell says of an editor that does not exist is nobody's to read here.
const terminal = { input: 0, output: openSync(devNull, 'w') }
let directory = ''

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'gatewright-editor-test-'))
  vi.stubEnv('TMPDIR', directory)
})

afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(directory, { recursive: true, force: true })
})

function script(text: string): string {
  const file = join(directory, 'editor.sh')
  writeFileSync(file, text)
  return `sh ${file} --an-option`
}

describe('editInEditor', () => {
  it('gives what the editor left, in a file and a directory of the person alone, both gone afterwards', async () => {
    const command = script(
      `stat -c '%a' "$2" "$(dirname "$2")" > ${directory}/modes; cat "$2" > ${directory}/was; echo new > "$2"`,
    )
    expect(await editInEditor('old', command, terminal)).toBe('new\n')
    expect(readFileSync(join(directory, 'modes'), 'utf8')).toBe('600\n700\n')
    expect(readFileSync(join(directory, 'was'), 'utf8')).toBe('old')
    expect(readdirSync(directory).filter((name) => name.startsWith('gatewright-'))).toEqual([])
  })

  it('fails when the editor does, and cleans up as well', async () => {
    await expect(editInEditor('old', script('exit 3'), terminal)).rejects.toThrow('exit code 3')
    await expect(editInEditor('old', '/no/such/editor', terminal)).rejects.toThrow('exit code 127')
    expect(readdirSync(directory).filter((name) => name.startsWith('gatewright-'))).toEqual([])
    expect(process.listeners('exit').some(({ name }) => name === 'remove')).toBe(false)
  })
})
