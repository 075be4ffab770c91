import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { inflateSync } from 'node:zlib'
import { Ajv } from 'ajv'
import { unzipSync } from 'fflate'
import { describe, expect, test } from 'vitest'
import { APP, TENANT } from '../../test/fake-teams'
import { teamsManifest } from './teams-manifest'

const developer = {
  name: 'Example',
  websiteUrl: 'https://example.com',
  privacyUrl: 'https://example.com/privacy',
  termsOfUseUrl: 'https://example.com/terms',
}
const right = { appId: APP, developer }

function schema(): object {
  const main = createRequire(import.meta.url).resolve('@microsoft/app-manifest')
  const path = join(dirname(main), 'json-schemas/teams/v1.19/MicrosoftTeams.schema.json')
  // The validator does not know draft 4 by its name; the rules that are used here are the same.
  const {
    $schema: _draft,
    id: _address,
    ...rules
  } = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>
  return rules
}

describe('the app package', () => {
  const { manifest, zip } = teamsManifest(right)
  const files = unzipSync(zip)

  test('holds a manifest that the published schema takes, and both icons', () => {
    const validate = new Ajv({ strict: false, logger: false }).compile(schema())
    const held: unknown = JSON.parse(Buffer.from(files['manifest.json'] ?? []).toString())
    expect(held).toEqual(manifest)
    expect([validate(held), validate.errors]).toEqual([true, null])
    expect(validate({ ...manifest, name: { short: 'x'.repeat(31), full: 'x' } })).toBe(false)
    expect(Object.keys(files)).toEqual(['manifest.json', 'color.png', 'outline.png'])
  })

  test.each([
    ['color.png', 192],
    ['outline.png', 32],
  ])('%s is a PNG of %d pixels a side', (name, size) => {
    const png = Buffer.from(files[name] ?? [])
    expect(png.toString('latin1', 1, 4)).toBe('PNG')
    expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([size, size])
    const data = inflateSync(png.subarray(41, png.length - 16))
    expect(data).toHaveLength(size * (1 + size * 4))
  })

  test('the outline is white on transparent', () => {
    const png = Buffer.from(files['outline.png'] ?? [])
    const data = inflateSync(png.subarray(41, png.length - 16))
    const pixels = Array.from({ length: 32 * 32 }, (_, n) => {
      const at = Math.floor(n / 32) * (1 + 32 * 4) + 1 + (n % 32) * 4
      return [...data.subarray(at, at + 4)]
    })
    const painted = pixels.filter(([, , , alpha]) => alpha !== 0)
    expect(painted.length).toBeGreaterThan(50)
    expect(painted.length).toBeLessThan(700)
    for (const pixel of painted) expect(pixel.slice(0, 3)).toEqual([255, 255, 255])
  })

  test('asks for nothing but its bot, and is the same for the same options', () => {
    expect(Object.keys(manifest)).not.toContain('permissions')
    expect(manifest.bots).toEqual([
      {
        botId: APP,
        scopes: ['personal', 'team', 'groupChat'],
        supportsFiles: false,
        isNotificationOnly: false,
      },
    ])
    expect(Buffer.from(teamsManifest(right).zip).equals(Buffer.from(zip))).toBe(true)
  })

  test('takes an id and icons of one’s own', () => {
    const [color, outline] = [
      files['color.png'] ?? new Uint8Array(),
      files['outline.png'] ?? new Uint8Array(),
    ]
    expect(teamsManifest({ ...right, id: TENANT, icons: { color, outline } }).manifest).toMatchObject({
      id: TENANT,
    })
    expect(() => teamsManifest({ ...right, icons: { color: outline, outline } })).toThrow(/icons\.color.*192/)
  })

  test.each<[object, RegExp]>([
    [{ appId: 'x' }, /appId/],
    [{ name: 'x'.repeat(31) }, /name/],
    [{ version: '1.0' }, /version/],
    [{ developer: { ...developer, privacyUrl: 'http://example.com' } }, /developer\.privacyUrl/],
    [{ developer: { ...developer, name: '' } }, /developer\.name/],
    [{ permissions: [] }, /permissions/],
  ])('%j is refused', (over, said) => {
    expect(() => teamsManifest({ ...right, ...over } as never)).toThrow(said)
  })
})
