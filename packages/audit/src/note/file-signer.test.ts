import { spawn } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { isAuditLogError } from '../errors'
import { fileSigner } from './file-signer'
import { signNote } from './signer'
import { parseVerifierKey } from './verifier-key'
import { verifyNote } from './verify-note'

let folder: string
let path: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gatewright-key-'))
  path = join(folder, 'log.key')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function failure(work: () => unknown): { readonly code: string; readonly message: string } {
  try {
    work()
  } catch (error) {
    if (isAuditLogError(error)) return { code: error.code, message: error.message }
    throw error
  }
  return { code: 'accepted', message: '' }
}

describe('a key in a file', () => {
  test('is made on first use, for its owner alone, and is the same from then on', async () => {
    const first = fileSigner(path, { name: 'log.example' })
    expect(readFileSync(path, 'utf8')).toMatch(/^-----BEGIN PRIVATE KEY-----\n/)
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect(readdirSync(folder)).toEqual(['log.key'])
    const again = fileSigner(path, { name: 'log.example' })
    expect(again.verifierKey).toBe(first.verifierKey)
    const note = await signNote('head\n', [again])
    expect(verifyNote(note, [parseVerifierKey(first.verifierKey)]).text).toBe('head\n')
  })

  test('is 0600 whatever the umask', () => {
    const before = process.umask(0)
    try {
      fileSigner(path, { name: 'a' })
    } finally {
      process.umask(before)
    }
    expect(statSync(path).mode & 0o777).toBe(0o600)
  })

  test.each([0o640, 0o604, 0o620, 0o610, 0o644, 0o666])(
    'with mode %o is refused, and nothing is signed',
    (mode) => {
      fileSigner(path, { name: 'a' })
      chmodSync(path, mode)
      const { code, message } = failure(() => fileSigner(path, { name: 'a' }))
      expect(code).toBe('ERR_LOG_KEY_UNSAFE')
      expect(message).toContain(path)
      expect(message).toContain('chmod 600')
    },
  )

  test('behind a link, or in something that is no file, is refused', () => {
    fileSigner(join(folder, 'real.key'), { name: 'a' })
    symlinkSync(join(folder, 'real.key'), path)
    expect(failure(() => fileSigner(path, { name: 'a' })).code).toBe('ERR_LOG_KEY_UNSAFE')
    symlinkSync(join(folder, 'nowhere'), join(folder, 'dangling'))
    expect(failure(() => fileSigner(join(folder, 'dangling'), { name: 'a' })).code).toBe('ERR_LOG_KEY_UNSAFE')
    mkdirSync(join(folder, 'directory'))
    expect(failure(() => fileSigner(join(folder, 'directory'), { name: 'a' })).code).toBe(
      'ERR_LOG_KEY_UNSAFE',
    )
  })

  test('that is no Ed25519 key is refused, is not overwritten, and is not quoted', () => {
    const p256 = generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).privateKey
    const locked = generateKeyPairSync('ed25519').privateKey
    const texts = [
      '',
      'SECRET-MATERIAL',
      '-----BEGIN PRIVATE KEY-----\nSECRETMATERIAL\n-----END PRIVATE KEY-----\n',
      p256.export({ type: 'pkcs8', format: 'pem' }) as string,
      locked.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' }) as string,
      'x'.repeat(5_000),
    ]
    for (const text of texts) {
      writeFileSync(path, text, { mode: 0o600 })
      const { code, message } = failure(() => fileSigner(path, { name: 'a' }))
      expect(code).toBe('ERR_LOG_KEY_INVALID')
      expect(message).toContain(path)
      expect(message).not.toMatch(/SECRET|BEGIN/)
      expect(readFileSync(path, 'utf8')).toBe(text)
    }
  })

  test('in a directory that there is not is refused by name', () => {
    const { code, message } = failure(() => fileSigner(join(folder, 'missing', 'log.key'), { name: 'a' }))
    expect(code).toBe('ERR_LOG_KEY_INVALID')
    expect(message).toContain(join('missing', 'log.key'))
    expect(readdirSync(folder)).toEqual([])
  })

  test('is not made for a wrong name', () => {
    for (const name of ['', 'a b', 'a+b'])
      expect(failure(() => fileSigner(path, { name })).code).toBe('ERR_LOG_KEY_INVALID')
    expect(readdirSync(folder)).toEqual([])
  })

  test('processes that start at once get one key', async () => {
    // Each makes its key beside and links it: what they race for is one system call.
    const program = `
      const { generateKeyPairSync } = require('node:crypto')
      process.stdin.once('data', async () => {
        const { fileSigner } = await import(process.argv[1])
        process.stdout.write(fileSigner(process.argv[2], { name: 'a' }).verifierKey)
        process.exit()
      })
      process.stdout.write('ready ')`
    const tsx = import.meta.resolve('tsx')
    const children = Array.from({ length: 4 }, () =>
      spawn(
        process.execPath,
        ['--import', tsx, '--eval', program, join(import.meta.dirname, 'file-signer.ts'), path],
        {
          stdio: ['pipe', 'pipe', 'inherit'],
        },
      ),
    )
    await Promise.all(children.map((child) => once(child.stdout, 'data')))
    const keys = children.map(async (child) => {
      child.stdin.write('go')
      let printed = ''
      for await (const chunk of child.stdout) printed += chunk
      return printed
    })
    const seen = new Set(await Promise.all(keys))
    expect([...seen]).toEqual([fileSigner(path, { name: 'a' }).verifierKey])
    expect(readdirSync(folder)).toEqual(['log.key'])
  })
})
