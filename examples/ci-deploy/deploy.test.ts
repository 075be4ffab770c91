import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { reviewer } from './src/reviewer'

const root = join(import.meta.dirname, '../..')
const require = createRequire(import.meta.url)
const loader = pathToFileURL(require.resolve('tsx')).href
let place = ''

beforeEach(() => {
  place = realpathSync(mkdtempSync(join(tmpdir(), 'gatewright-deploy-')))
  for (const file of ['deploy.sh', 'publish.sh'])
    copyFileSync(join(import.meta.dirname, file), join(place, file))
  writeFileSync(join(place, 'release.tar'), 'release 7')
  // What npx finds: the command line, from the sources.
  const program = pathToFileURL(join(root, 'tests/terminal/cli-program.ts')).href
  writeFileSync(
    join(place, 'gatewright'),
    `#!${process.execPath}\nprocess.env.ARGS = JSON.stringify(process.argv.slice(2))\nimport(${JSON.stringify(program)})\n`,
  )
  chmodSync(join(place, 'gatewright'), 0o755)
})
afterEach(() => rmSync(place, { recursive: true, force: true }))

/** The step of the workflow. */
async function step(run: string) {
  const child = spawn('sh', ['deploy.sh'], {
    cwd: place,
    env: {
      PATH: `${place}:${process.env.PATH}`,
      NODE_OPTIONS: `--import ${loader}`,
      TSX_TSCONFIG_PATH: join(root, 'tsconfig.json'),
      GATEWRIGHT_DATA: join(place, 'data'),
      DEPLOY_TARGET: 'production',
      GITHUB_ACTIONS: 'true',
      GITHUB_SERVER_URL: 'https://github.com',
      GITHUB_REPOSITORY: 'example/app',
      GITHUB_RUN_ID: run,
      GITHUB_REF_NAME: 'v7',
      GITHUB_STEP_SUMMARY: join(place, 'summary.md'),
    },
  })
  let log = ''
  const ended = once(child, 'close')
  await new Promise<void>((resolve) => {
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk) => {
        log += chunk
        if (log.includes('waiting for approval')) resolve()
      })
    void ended.then(() => resolve())
  })
  return { ended: ended.then(([code]) => code as number), log: () => log }
}

test('a deploy waits for people, and publishes what they approved', async () => {
  const { ended, log } = await step('7')
  const rita = await reviewer(join(place, 'data'))
  const shown = await rita.decide('approve', 'go')
  expect(shown.get('/command')).toBe('sh publish.sh release.tar')
  expect(shown.get('/job/link')).toBe('https://github.com/example/app/actions/runs/7')
  expect(await ended).toBe(0)
  await rita.close()
  expect(readFileSync(join(place, 'published/production/release.tar'), 'utf8')).toBe('release 7')
  expect(log()).toMatch(/published to production[\s\S]*::notice title=gatewright::app\.deploy ran .*Rita/)
  expect(readFileSync(join(place, 'summary.md'), 'utf8')).toContain('| Decided by | <code>Rita</code> |')
})

test('rejected, and swapped after the approval: nothing is published', async () => {
  const first = await step('7')
  const rita = await reviewer(join(place, 'data'))
  await rita.decide('reject', 'not on a Friday')
  expect([await first.ended, first.log()]).toEqual([77, expect.stringContaining('not on a Friday')])

  writeFileSync(join(place, 'release.tar'), 'release 8')
  const second = await step('8')
  writeFileSync(join(place, 'release.tar'), 'something else')
  await rita.decide('approve', 'go')
  expect([await second.ended, second.log()]).toEqual([70, expect.stringContaining('release.tar changed')])
  await rita.close()
  expect(existsSync(join(place, 'published'))).toBe(false)
})
