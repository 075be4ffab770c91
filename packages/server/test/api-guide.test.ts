import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { when } from '@gatewright/core'
import { expect, test } from 'vitest'
import { ada } from '../../core/test/scene'
import { serve } from '../src/index'
import { keys, tokenOf, world } from './world'

const guide = readFileSync(join(import.meta.dirname, '../../../docs/api.md'), 'utf8')

interface Step {
  readonly command: string
  /** What it prints; `null`: nothing is said of that. */
  readonly prints: string | null
}

/** The commands of the guide, each with the comment that follows it. */
function stepsOf(markdown: string): Step[] {
  const steps: Step[] = []
  for (const [, block = ''] of markdown.matchAll(/^```sh\n(.*?)^```$/gms)) {
    for (const line of block.trimEnd().split('\n')) {
      const last = steps.at(-1)
      if (!line.startsWith('# ')) steps.push({ command: line, prints: null })
      else if (last !== undefined && last.prints === null)
        steps[steps.length - 1] = { ...last, prints: line.slice(2) }
    }
  }
  return steps
}

test('every command of the guide prints what the guide says, in one shell', async () => {
  const policy = [when('data.drop').deny('never'), when('data.count').allow()]
  // Real time: the guide waits for a second.
  const w = world({}, { policy, coolDown: false })
  const listening = await serve(w.server, { port: 0 })
  const steps = stepsOf(guide)
  const mark = '--- the next step ---'
  const script = steps.map(({ command }) => `${command}\necho; echo '${mark}'`).join('\n')
  const child = spawn('bash', ['-c', script], {
    env: {
      ...process.env,
      GATEWRIGHT: `http://127.0.0.1:${listening.port}/base/api`,
      KEY: keys.bot,
      ADA_TOKEN: await tokenOf(ada),
    },
  })
  // The clock of the world stands still; the guide's waits of a second end when it is moved.
  const ticking = setInterval(() => void w.s.clock.advance('200ms'), 200)
  let output = ''
  let complaints = ''
  child.stdout.on('data', (chunk) => {
    output += chunk
  })
  child.stderr.on('data', (chunk) => {
    complaints += chunk
  })
  await once(child, 'close')
  clearInterval(ticking)
  await listening.close()
  const printed = output.split(`\n${mark}\n`)
  expect(complaints).toBe('')
  expect(steps.length).toBeGreaterThan(30)
  const told = steps.map(({ command, prints }, index) => ({
    command,
    prints: prints === null ? null : printed[index]?.trim(),
  }))
  expect(told).toEqual(steps)
})
