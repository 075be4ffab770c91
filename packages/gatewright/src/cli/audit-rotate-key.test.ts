import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileAudit, fileSigner } from '@gatewright/audit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { cli, makeLog } from '../../test/cli-log'

const place = mkdtempSync(join(tmpdir(), 'gatewright-rotate-'))
const log = join(place, 'log')

beforeAll(() => makeLog(log))

afterAll(() => rmSync(place, { recursive: true, force: true }))

describe('gatewright audit rotate-key', () => {
  /** A copy of the log with its key, so that the other tests keep theirs. */
  function copied(name: string): { readonly directory: string; readonly key: string } {
    const directory = join(place, name)
    cpSync(log, directory, { recursive: true })
    cpSync(`${log}.key`, `${directory}.key`)
    return { directory, key: `${directory}.key` }
  }

  const keysOf = (trust: string): { vkey: string; from: number; to: number | null }[] =>
    JSON.parse(trust).keys

  test('hands over, keeps the old key, and prints the trust file with both ranges', async () => {
    const { directory, key } = copied('rotated')
    const old = readFileSync(key)
    const { code, err, out } = await cli('audit', 'rotate-key', directory)
    expect([code, err]).toEqual([0, expect.stringContaining('may be destroyed')])
    const [before, after] = keysOf(out)
    expect(after).toMatchObject({ from: (before?.to ?? 0) + 1, to: null })
    expect(readFileSync(`${key}.retired-${before?.vkey.split('+')[1]}`)).toEqual(old)
    expect(out).not.toContain('PRIVATE')
    expect((await cli('audit', 'key', directory)).out).toBe(out)
    writeFileSync(`${directory}.trust.json`, out)
    expect((await cli('audit', 'verify', directory)).code).toBe(0)
    // Who has the old trust file only is told what to put into it.
    const followed = await cli('audit', 'verify', directory, '--trust', `${log}.trust.json`)
    expect(followed.code).toBe(0)
    expect(followed.out).toContain(`warning key-successor`)
    expect(followed.out).toContain(after?.vkey)
  })

  test('finishes what a crash left, and does not rotate again', async () => {
    const { directory, key } = copied('crashed')
    const audit = fileAudit({ directory })
    await audit.opened
    const next = fileSigner(`${key}.next`, { name: audit.logId })
    await audit.rotateKey(next)
    await audit.close()
    const { code, err, out } = await cli('audit', 'rotate-key', directory)
    expect(code).toBe(0)
    expect(keysOf(out)).toHaveLength(2)
    expect(keysOf(out)[1]?.vkey).toBe(next.verifierKey)
    const retired = /lies at (\S+):/.exec(err)?.[1] ?? ''
    expect(readFileSync(retired)).toEqual(readFileSync(`${log}.key`))
    expect(fileSigner(key, { name: audit.logId }).verifierKey).toBe(next.verifierKey)
  })

  test('is refused while the log is written to, and changes nothing', async () => {
    const { directory, key } = copied('busy')
    const audit = fileAudit({ directory })
    await audit.opened
    const { code, err } = await cli('audit', 'rotate-key', directory)
    expect([code, err]).toEqual([1, expect.stringContaining('lock')])
    await audit.close()
    expect(readFileSync(key)).toEqual(readFileSync(`${log}.key`))
    expect(existsSync(`${key}.next`)).toBe(false)
  })

  test('is refused with the key of another log, and no trust file is printed with it', async () => {
    const { directory } = copied('foreign')
    const other = join(place, 'other.key')
    fileSigner(other, { name: 'example.com/cli' })
    for (const command of ['rotate-key', 'key']) {
      const { code, out } = await cli('audit', command, directory, '--key', other)
      expect([code, out]).toEqual([1, ''])
    }
  })
})
