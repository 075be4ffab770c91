import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { cliIn } from '../../test/cli-process'

const place = mkdtempSync(join(tmpdir(), 'gatewright-config-'))
afterAll(() => rmSync(place, { recursive: true, force: true }))
mkdirSync(join(place, 'folder'))

const text = (name: string, source: string): string => {
  writeFileSync(join(place, name), source)
  return name
}

test.each([
  [
    text('syntax.mjs', '\nexport default { a: 1 b: 2 }\n'),
    /cannot be loaded: Unexpected .+\. To see where: node syntax\.mjs$/,
  ],
  [text('nothing.mjs', 'throw null\n'), /the config nothing\.mjs cannot be loaded: it threw$/],
  [text('promise.mjs', 'export default Promise.resolve({})\n'), /exports a promise: export default await …$/],
  [text('own.mjs', "throw new Error('DB_URL is not set')\n"), /cannot be loaded: DB_URL is not set$/],
  [text('data.json', '{}'), /the config data\.json is no module: write one with gatewright init$/],
  ['folder', /the config folder is no file$/],
])('a config that cannot be used is told in words: %s', async (file, words) => {
  const { code, err, out } = await cliIn(place, 'run', '--action', 'a.b', `--config=${file}`, '--', 'true')
  expect([code, out]).toEqual([4, ''])
  expect(err).toMatch(words)
  expect(err.split('\n')).toHaveLength(1)
})
