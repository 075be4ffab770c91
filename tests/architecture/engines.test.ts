import { existsSync, realpathSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { satisfies } from 'semver'
import { expect, test } from 'vitest'
import { publishedPackages, readManifest } from '../../scripts/workspace.mjs'

/** The oldest Node that the packages state, and the newest that they are tested on. */
const NODES = ['20.19.0', '24.0.0']

/** Where a package that is installed beside `from`, or above it, really lies. */
function resolve(name: string, from: string): string | null {
  for (let folder = from; folder !== dirname(folder); folder = dirname(folder)) {
    const path = join(folder, 'node_modules', name)
    if (existsSync(path)) return realpathSync(path)
  }
  return null
}

/** Every package that installing this one brings along, with what it states of Node. */
function broughtAlong(path: string, found = new Map<string, string>()): Map<string, string> {
  for (const name of Object.keys(readManifest(path).dependencies ?? {})) {
    const place = resolve(name, path)
    if (place === null) throw new Error(`${name}, of ${path}, is not installed`)
    if (found.has(place)) continue
    found.set(place, readManifest(place).engines?.node ?? '*')
    broughtAlong(place, found)
  }
  return found
}

test.each(publishedPackages())('all that $name brings along runs on Node 20 and 24', ({ path }) => {
  const wrong = [...broughtAlong(path)].filter(([, range]) => !NODES.every((node) => satisfies(node, range)))
  expect(wrong).toEqual([])
})

test('a package that needs a newer Node would be found', () => {
  expect(NODES.map((node) => satisfies(node, '>=22'))).toEqual([false, true])
  expect(
    broughtAlong(publishedPackages().find(({ name }) => name === '@gatewright/server')?.path ?? '').size,
  ).toBeGreaterThan(10)
})
