import { EncryptJWT } from 'jose'
import { describe, expect, test } from 'vitest'
import { createSealedCookies } from './sealed-cookie'

const secret = 'a'.repeat(32)
const other = 'b'.repeat(32)
let now = 1_800_000_000_000
const cookies = createSealedCookies([secret], () => now)
const value = { id: 'x', list: ['ä', 1] }

describe('a sealed cookie', () => {
  test('holds what was put into it, for its purpose and its time', async () => {
    const sealed = await cookies.seal('session', value, 60)
    expect(await cookies.open('session', sealed)).toEqual(value)
    expect(sealed).not.toContain('list')
    expect(await cookies.open('sign-in', sealed)).toBeNull()
    now += 61_000
    expect(await cookies.open('session', sealed)).toBeNull()
  })

  test('of a former secret opens as long as that is listed, and new ones are sealed with the first', async () => {
    const old = await createSealedCookies([other], () => now).seal('session', value, 60)
    const rotated = createSealedCookies([secret, other], () => now)
    expect(await cookies.open('session', old)).toBeNull()
    expect(await rotated.open('session', old)).toEqual(value)
    expect(await cookies.open('session', await rotated.seal('session', value, 60))).toEqual(value)
  })

  test('that anybody else wrote is none', async () => {
    const sealed = await cookies.seal('session', value, 60)
    const flipped = `${sealed.slice(0, -2)}${sealed.endsWith('AA') ? 'BB' : 'AA'}`
    const [, key, iv, text, tag] = sealed.split('.')
    const plain = [Buffer.from('{"alg":"none"}').toString('base64url'), key, iv, text, tag].join('.')
    const unsealed = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${Buffer.from(JSON.stringify({ value })).toString('base64url')}.`
    const foreign = await new EncryptJWT({ value })
      .setProtectedHeader({ alg: 'dir', enc: 'A256GCM' })
      .setAudience('session')
      .setExpirationTime('1h')
      .encrypt(new TextEncoder().encode(secret))
    for (const forged of [undefined, '', '....', 'x'.repeat(20_000), flipped, plain, unsealed, foreign])
      expect(await cookies.open('session', forged)).toBeNull()
  })
})
