import { existsSync, linkSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { describe, expect, test } from 'vitest'
import { eventOf } from '../test/support/events'
import { newDirectory } from '../test/support/read-log'
import { type FileAudit, fileAudit } from './file-audit'
import { readLogKeys } from './log-trust'
import { fileSigner, formatTrust, generateSigner } from './note'
import { finishKeyFile, prepareNextKey } from './note/key-file-rotation'
import { rotateKeyFile } from './rotate-key-file'
import { verifyLog } from './verify'

const ORIGIN = 'example.com/audit'
const name = { name: ORIGIN }

async function begun(): Promise<{ directory: string; path: string; log: FileAudit }> {
  const directory = await newDirectory()
  const log = fileAudit({ directory, origin: ORIGIN })
  await log.append([eventOf('r-1', 1, 'gate.started')])
  return { directory, path: `${directory}.key`, log }
}

const vkeyIn = (path: string): string => fileSigner(path, name).verifierKey
let later = 0
const keyFiles = (path: string): string[] =>
  readdirSync(dirname(path))
    .filter((file) => file.startsWith('log.key'))
    .map((file) => file.replace(/[0-9a-f]{8}$/, '<id>'))
    .sort()

/** Opens with nothing but the directory, writes, closes; answers with the key that signed. */
async function reopened(directory: string): Promise<string | null> {
  const log = fileAudit({ directory })
  await log.append([eventOf(`later-${later++}`, 1, 'gate.started')])
  const { verifierKey } = log
  await log.close()
  const trust = await readLogKeys(directory)
  expect(await verifyLog({ directories: [directory], trust })).toMatchObject({
    status: 'valid',
    findings: [],
  })
  return verifierKey
}

describe('the key file of a log', () => {
  test('is rotated while the log is open, and the old one is kept beside', async () => {
    const { directory, log, path } = await begun()
    const old = vkeyIn(path)
    const pem = readFileSync(path)
    const retired = await rotateKeyFile(log, path)
    expect(retired).toBe(`${path}.retired-${old.split('+')[1]}`)
    expect(readFileSync(retired)).toEqual(pem)
    expect([statSync(path).mode & 0o777, statSync(retired).mode & 0o777]).toEqual([0o600, 0o600])
    expect(log.verifierKey).toBe(vkeyIn(path))
    expect(keyFiles(path)).toEqual(['log.key', 'log.key.retired-<id>'])
    await log.append([eventOf('r-2', 1, 'gate.started')])
    await log.close()
    expect(await reopened(directory)).toBe(vkeyIn(path))
    const [first, second] = await readLogKeys(directory)
    expect([first, second]).toEqual([
      { vkey: old, from: 0, to: 3 },
      { vkey: vkeyIn(path), from: 4, to: null },
    ])
    expect(formatTrust(await readLogKeys(directory))).not.toContain('PRIVATE')
  })

  test('elsewhere is given as keyFile', async () => {
    const directory = await newDirectory()
    const keyFile = `${directory}-elsewhere.key`
    const log = fileAudit({ directory, origin: ORIGIN, keyFile })
    await log.opened
    await rotateKeyFile(log, keyFile)
    await log.close()
    expect(existsSync(`${directory}.key`)).toBe(false)
    const again = fileAudit({ directory, keyFile })
    await again.opened
    await again.close()
    expect(() => fileAudit({ directory, keyFile, signer: generateSigner(name) })).toThrow('fileAudit.keyFile')
    expect(() => fileAudit({ directory, keyFile: '' })).toThrow('fileAudit.keyFile')
  })

  test('that is not the key of the log is left alone, and so is the log', async () => {
    const { directory, log, path } = await begun()
    const other = `${directory}-other.key`
    fileSigner(other, name)
    for (const wrong of [other, `${directory}-none.key`])
      await expect(rotateKeyFile(log, wrong)).rejects.toMatchObject({ code: 'ERR_LOG_KEY_INVALID' })
    expect(existsSync(`${other}.next`)).toBe(false)
    expect(log.verifierKey).toBe(vkeyIn(path))
    await log.close()
  })
})

describe('a crash of a rotation', () => {
  test('before the event leaves the old key in use, and the next try takes the key that waits', async () => {
    const { directory, log, path } = await begun()
    const waiting = prepareNextKey(path, name).verifierKey
    await log.close()
    const old = vkeyIn(path)
    expect(await reopened(directory)).toBe(old)
    const again = fileAudit({ directory })
    await again.opened
    await rotateKeyFile(again, path)
    await again.close()
    expect(vkeyIn(path)).toBe(waiting)
  })

  test('between the event and the renaming is finished by the next opening', async () => {
    const { directory, log, path } = await begun()
    const old = readFileSync(path)
    const next = prepareNextKey(path, name)
    await log.rotateKey(next)
    await log.close()
    expect(readFileSync(path)).toEqual(old)
    expect(await reopened(directory)).toBe(next.verifierKey)
    expect(vkeyIn(path)).toBe(next.verifierKey)
    expect(keyFiles(path)).toEqual(['log.key', 'log.key.retired-<id>'])
  })

  test('between keeping the old key and the renaming, too', async () => {
    const { directory, log, path } = await begun()
    const next = prepareNextKey(path, name)
    await log.rotateKey(next)
    await log.close()
    linkSync(path, `${path}.retired-${vkeyIn(path).split('+')[1]}`)
    expect(await reopened(directory)).toBe(next.verifierKey)
    expect(keyFiles(path)).toEqual(['log.key', 'log.key.retired-<id>'])
  })

  test('after the renaming leaves nothing to do', async () => {
    const { directory, log, path } = await begun()
    const next = prepareNextKey(path, name)
    await log.rotateKey(next)
    finishKeyFile(path, name)
    await log.close()
    expect(await reopened(directory)).toBe(next.verifierKey)
  })

  test('whose new key is lost is told as what it is', async () => {
    const { directory, log } = await begun()
    const next = generateSigner(name)
    await log.rotateKey(next)
    await log.close()
    const { opened } = fileAudit({ directory })
    await expect(opened).rejects.toMatchObject({ cause: { code: 'ERR_LOG_KEY_INVALID' } })
    await expect(opened).rejects.toThrow(next.verifierKey)
  })

  test('is finished only in the place of the key that handed over', async () => {
    const { directory, log, path } = await begun()
    const next = prepareNextKey(path, name)
    await log.rotateKey(next)
    await log.close()
    rmSync(path)
    const stranger = vkeyIn(path)
    const { opened } = fileAudit({ directory })
    await expect(opened).rejects.toMatchObject({ cause: { code: 'ERR_LOG_KEY_INVALID' } })
    expect([vkeyIn(path), keyFiles(path)]).toEqual([stranger, ['log.key', 'log.key.next']])
  })

  test('cannot come of another file that has the name of the retired key: nothing is begun', async () => {
    const { directory, log, path } = await begun()
    const retired = `${path}.retired-${vkeyIn(path).split('+')[1]}`
    writeFileSync(retired, 'something else')
    await expect(rotateKeyFile(log, path)).rejects.toThrow('is another file')
    await log.close()
    expect(readFileSync(retired, 'utf8')).toBe('something else')
    expect(keyFiles(path)).not.toContain('log.key.next')
    expect(await reopened(directory)).toBe(vkeyIn(path))
  })
})
