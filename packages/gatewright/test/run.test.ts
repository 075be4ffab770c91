import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { cli } from './cli-log'
import { type Ends, people, type RunProgram, runProgram } from './run-program'

let place = ''
const ends: Ends = []
beforeEach(() => {
  place = realpathSync(mkdtempSync(join(tmpdir(), 'gatewright-run-')))
})
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
  rmSync(place, { recursive: true, force: true })
})

const GROUP = ['--action', 'plan.apply', '--reviewers', 'ops', '--data', 'data'] as const
const run = (args: readonly string[], env?: Record<string, string>) => runProgram(ends, place, args, env)
const there = (name: string) => existsSync(join(place, name))
const reviewers = () => people(ends, join(place, 'data'))

async function waiting(program: RunProgram) {
  await program.saying('waiting for approval')
  return reviewers()
}

/** Everything that a run leaves on the disk: requests and the log. */
function kept(directory = join(place, 'data')): string {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1'))
    .join('')
}

function script(name: string, text: string): string {
  writeFileSync(join(place, name), `#!/bin/sh\n${text}\n`)
  chmodSync(join(place, name), 0o755)
  return join(place, name)
}

describe('gatewright run', () => {
  test('I1, I2: asks, waits, and runs exactly what was approved, with its streams and its code', async () => {
    const said = `it's \u202ea "word"\n$(touch hacked)`
    const program = run([
      ...GROUP,
      '--reason',
      'the nightly one',
      '--',
      'sh',
      '-c',
      'cat; printf %s "$1"; echo oops >&2; exit 3',
      'sh',
      said,
    ])
    const { decide, gate, request } = await waiting(program)
    const review = await gate.requests.review((await request()).id)
    const shown = Object.fromEntries(review?.content.arguments.map(({ path, text }) => [path, text]) ?? [])
    expect(shown).toMatchObject({
      '/command': String.raw`sh -c 'cat; printf %s "$1"; echo oops >&2; exit 3' sh $'it\'s \u202ea "word"\n$(touch hacked)'`,
      '/argv/4': `it's ⟦U+202E⟧a "word"\n$(touch hacked)`,
      '/directory': place,
      '/executable/file': expect.stringMatching(/\/sh$/),
    })
    expect(review?.content.intent?.leaf.text).toBe('the nightly one')
    expect(program.out()).toBe('')
    await decide('approve')
    program.child.stdin?.end('from the standard input\n')
    expect(await program.exited).toBe(3)
    expect(program.out()).toBe(`from the standard input\n${said}`)
    expect(program.err()).toContain('oops\n')
    expect(await request()).toMatchObject({
      status: 'failed',
      outcome: { summary: 'CommandFailed: exit code 3' },
      votes: [{ actor: { name: 'Rita' } }],
    })
    expect(there('hacked')).toBe(false)
    // Output is the command's own: neither the store nor the log has any of it.
    expect(kept()).not.toContain('from the standard input')
    writeFileSync(join(place, 'trust'), (await cli('audit', 'key', join(place, 'data/audit-log'))).out)
    const { code } = await cli(
      'audit',
      'verify',
      join(place, 'data/audit-log'),
      '--trust',
      join(place, 'trust'),
    )
    expect(code).toBe(0)
  })

  test('I10: rejected is 77, and says by whom and why, in a line that is nobody’s command', async () => {
    const program = run([...GROUP, '--json', '--', 'touch', 'ran'], { GITHUB_ACTIONS: 'true' })
    const { decide } = await waiting(program)
    await decide('reject', 'no\n::set-output name=x::y\r\n##[error]z\u001b[2J')
    expect(await program.exited).toBe(77)
    expect(there('ran')).toBe(false)
    const lines = program.err().trim().split('\n')
    expect(lines.filter((line) => line.trimStart().startsWith('::'))).toEqual([
      expect.stringMatching(/^::error title=gatewright::plan\.apply rejected, so nothing was run .*Rita/),
    ])
    for (const hidden of ['##', '\u001b', '\r']) expect(program.err()).not.toContain(hidden)
    expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({
      status: 'rejected',
      exitCode: 77,
      command: null,
      by: ['Rita'],
    })
  })

  test('in GitLab the section of the request ends before the command begins to write', async () => {
    const program = run([...GROUP, '--', 'sh', '-c', 'echo its own words >&2'], { GITLAB_CI: 'true' })
    const { decide } = await waiting(program)
    await decide('approve')
    expect(await program.exited).toBe(0)
    const lines = program
      .err()
      .replaceAll(/\d+:gatewright_(\w+)_\w+/g, '$1')
      .replaceAll('\u001b[0K', '')
      .split('\n')
    expect(lines.slice(0, 5)).toEqual([
      'section_start:request\rgatewright: approval of plan.apply',
      expect.stringMatching(/^gatewright: waiting for approval of plan\.apply: request \w+$/),
      'section_end:request\r',
      'its own words',
      expect.stringMatching(
        /^section_start:result\[collapsed=true\]\rgatewright: plan\.apply ran .*Rita: exit code 0$/,
      ),
    ])
  })

  test('T27: expired is 78, and nothing ran', async () => {
    const program = run([...GROUP, '--timeout', '1s', '--', 'touch', 'ran'])
    expect(await program.exited).toBe(78)
    expect(there('ran')).toBe(false)
    expect(program.err()).toContain('not decided in time')
  })

  test('policy of a config: denied is 77, and allowed asks nobody', async () => {
    writeFileSync(
      join(place, 'gatewright.config.mjs'),
      `export default {
        agent: { id: 'deployer', owner: null }, reviewers: { type: 'group', name: 'ops' }, dataDirectory: 'data',
        policy: [{ id: 'p', version: 1, decide: ({ args }) =>
          args.facts?.risky ? { effect: 'deny', reason: 'not on a Friday' } : { effect: 'allow' } }],
      }`,
    )
    writeFileSync(join(place, 'facts.json'), '{"risky":true}')
    const denied = run(['--action', 'plan.apply', '--facts', 'facts.json', '--', 'touch', 'ran'])
    expect([await denied.exited, there('ran')]).toEqual([77, false])
    expect(denied.err()).toContain('not on a Friday')
    const allowed = run(['--action', 'plan.apply', '--result', 'result.json', '--', 'touch', 'ran'])
    expect([await allowed.exited, there('ran')]).toEqual([0, true])
    expect(JSON.parse(readFileSync(join(place, 'result.json'), 'utf8'))).toMatchObject({
      status: 'succeeded',
      exitCode: 0,
      command: { exitCode: 0, signal: null },
    })
  })

  test('what the gate of a config has to say is a line of ours, whoever wrote a part of it', async () => {
    writeFileSync(
      join(place, 'gatewright.config.mjs'),
      `export default {
        agent: { id: 'deployer', owner: null }, reviewers: { type: 'group', name: 'ops' }, ephemeral: true, approvers: [],
        policy: [{ id: 'p', version: 1, decide() {
          throw new Error('no\\n::error::forged\\u001b[0Ksection_end:1:x\\r\\u001b[0K ##[error]z') } }],
      }`,
    )
    const program = run(['--action', 'plan.apply', '--', 'touch', 'ran'])
    expect([await program.exited, there('ran')]).toEqual([77, false])
    expect(program.err()).toMatch(/^gatewright: the policy p failed; the call was denied.*forged/m)
    // Where in a program an error was thrown is nothing to whoever reads a job's log.
    expect(program.err()).not.toMatch(/ at .*(gatewright\.config|\.[jt]s:\d)/)
    for (const line of program.err().trimEnd().split('\n')) expect(line).toMatch(/^gatewright: /)
    for (const hidden of ['##', '\u001b', '\r']) expect(program.err()).not.toContain(hidden)
  })

  test('--timeout with a config cancels what nobody decided, and is 78', async () => {
    writeFileSync(
      join(place, 'own.mjs'),
      `export default { agent: { id: 'd', owner: null }, reviewers: { type: 'group', name: 'ops' }, dataDirectory: 'data', approvers: [] }`,
    )
    const program = run([
      '--action',
      'plan.apply',
      '--config',
      'own.mjs',
      '--timeout',
      '1s',
      '--',
      'touch',
      'ran',
    ])
    expect([await program.exited, there('ran')]).toEqual([78, false])
    expect(await reviewers().request()).toMatchObject({ status: 'cancelled' })
  })

  test('undeliverable is 79', async () => {
    writeFileSync(
      join(place, 'own.mjs'),
      `export default {
        agent: { id: 'd', owner: null }, reviewers: { type: 'group', name: 'ops' }, dataDirectory: 'data',
        approvers: [{ name: 'chat', deliver() { throw new Error('no such channel') } }], delivery: { attempts: 1 },
      }`,
    )
    const program = run(['--action', 'plan.apply', '--config', 'own.mjs', '--', 'touch', 'ran'])
    expect([await program.exited, there('ran')]).toEqual([79, false])
  })

  test('cancelled by somebody is 77', async () => {
    const program = run([...GROUP, '--', 'touch', 'ran'])
    const { gate, request } = await waiting(program)
    await gate.cancel((await request()).id, { reason: 'the window is closed' })
    expect([await program.exited, there('ran')]).toEqual([77, false])
    expect(program.err()).toContain('the window is closed')
  })

  test('a gate that cannot start is 70, and says why', async () => {
    writeFileSync(join(place, 'data'), 'a file where a directory should be')
    const program = run([...GROUP, '--', 'touch', 'ran'])
    expect([await program.exited, there('ran')]).toEqual([70, false])
    expect(program.err()).toContain(
      `gatewright: error: plan.apply was not run: the gate cannot start: createGate.dataDirectory: ${join(place, 'data')} cannot be made (EEXIST): name a directory`,
    )
  })

  test('what cannot be started is 70, and recorded as failed', async () => {
    writeFileSync(join(place, 'broken'), '#!/no/such/interpreter\n')
    chmodSync(join(place, 'broken'), 0o755)
    const program = run([...GROUP, '--', './broken'])
    const { decide, request } = await waiting(program)
    await decide('approve')
    expect(await program.exited).toBe(70)
    expect(program.err()).toContain('./broken cannot be started (ENOENT), so nothing ran')
    expect(await request()).toMatchObject({ status: 'failed' })
  })
})

describe('T10: what is pinned is what runs', () => {
  test('a plan that was swapped while people decided', async () => {
    writeFileSync(join(place, 'plan.bin'), 'add one server')
    const program = run([...GROUP, '--pin', 'plan.bin', '--', 'touch', 'ran'])
    const { decide, request } = await waiting(program)
    writeFileSync(join(place, 'plan.bin'), 'drop all tables')
    await decide('approve')
    expect([await program.exited, there('ran')]).toEqual([70, false])
    expect(program.err()).toContain('plan.bin changed')
    expect(await request()).toMatchObject({ status: 'invalidated' })
  })

  test('a plan that is gone', async () => {
    writeFileSync(join(place, 'plan.bin'), 'add one server')
    const program = run([...GROUP, '--pin', 'plan.bin', '--', 'touch', 'ran'])
    const { decide } = await waiting(program)
    rmSync(join(place, 'plan.bin'))
    await decide('approve')
    expect([await program.exited, there('ran')]).toEqual([70, false])
    expect(program.err()).toContain('plan.bin changed')
  })

  test('another executable that comes first in PATH is not run, and one that was replaced runs nothing', async () => {
    mkdirSync(join(place, 'bin'))
    mkdirSync(join(place, 'evil'))
    const tool = script('bin/tool', 'echo the right one')
    const env = { PATH: `${join(place, 'evil')}:${join(place, 'bin')}:${process.env.PATH}` }
    const program = run([...GROUP, '--', 'tool'], env)
    const { decide } = await waiting(program)
    script('evil/tool', 'touch ran')
    await decide('approve')
    expect(await program.exited).toBe(0)
    expect([program.out(), there('ran')]).toEqual(['the right one\n', false])

    rmSync(join(place, 'evil/tool'))
    const other = run([...GROUP, '--', 'tool'], env)
    await other.saying('waiting for approval')
    script('bin/tool', 'touch ran')
    await decide('approve')
    expect([await other.exited, there('ran')]).toEqual([70, false])
    expect(other.err()).toContain(`${tool} changed`)
  })

  test('T43: a variable is pinned by name, its value is shown and kept nowhere', async () => {
    const secret = 'postgres-at-home-42'
    const args = [
      ...GROUP,
      '--env',
      'DATABASE',
      '--env',
      'NOT_SET',
      '--key',
      'k1',
      '--',
      'sh',
      '-c',
      'echo "$DATABASE" > got; env | grep -c ^GATEWRIGHT_ >> got || true',
    ]
    const program = run(args, { DATABASE: secret, GATEWRIGHT_API_KEY: 'gw_x', GATEWRIGHT_SECRET: 's' })
    const { decide, request } = await waiting(program)
    const { arguments: asked } = await request()
    expect(asked).toContain('"name":"DATABASE"')
    expect(asked).toContain('"name":"NOT_SET","sha256":null')
    await decide('approve')
    expect(await program.exited).toBe(0)
    expect(readFileSync(join(place, 'got'), 'utf8')).toBe(`${secret}\n0\n`)
    expect(`${program.err()}${kept()}`).not.toContain(secret)

    // The same call with another value is another call.
    const other = run(args, { DATABASE: 'evil' })
    expect(await other.exited).toBe(70)
    expect(other.err()).toContain('belongs to a request with other arguments')
  })

  test('a variable that is named and not set is told: it may be misspelt', async () => {
    const program = run([...GROUP, '--env', 'DB_ULR', '--', 'touch', 'ran'])
    await waiting(program)
    expect(program.err()).toContain(
      'gatewright: the variable DB_ULR is not set: that it has no value is what is pinned',
    )
  })

  test('--only-env: the command gets what is named, and nothing else', async () => {
    const program = run([...GROUP, '--env', 'ONE', '--only-env', '--', '/usr/bin/env'], {
      ONE: '1',
      TWO: '2',
    })
    await (await waiting(program)).decide('approve')
    expect(await program.exited).toBe(0)
    expect(program.out()).toBe('ONE=1\n')
  })
})

describe('signals', () => {
  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)('%s while people decide cancels the request, and is %i', async (signal, code) => {
    const program = run([...GROUP, '--', 'touch', 'ran'])
    const { request } = await waiting(program)
    program.child.kill(signal)
    expect([await program.exited, there('ran')]).toEqual([code, false])
    expect(await request()).toMatchObject({ status: 'cancelled' })
  })

  test('reach the command once it runs, which decides what they mean', async () => {
    const program = run([
      ...GROUP,
      '--',
      'sh',
      '-c',
      'trap "echo heard; exit 9" TERM; echo running; read line; echo not heard',
    ])
    const { decide, request } = await waiting(program)
    await decide('approve')
    await program.saying('running')
    program.child.kill('SIGTERM')
    expect(await program.exited).toBe(9)
    expect(program.out()).toBe('running\nheard\n')
    expect(await request()).toMatchObject({
      status: 'failed',
      outcome: { summary: 'CommandFailed: exit code 9' },
    })
  })

  test('a command that one kills is 128 and its number, and recorded as that', async () => {
    const program = run([...GROUP, '--', 'sh', '-c', 'kill -KILL $$'])
    const { decide, request } = await waiting(program)
    await decide('approve')
    expect(await program.exited).toBe(137)
    expect(await request()).toMatchObject({ outcome: { summary: 'CommandFailed: ended by SIGKILL' } })
  })
})

describe('T25, I3: one key, one run', () => {
  const KEYED = [...GROUP, '--key', 'job-7', '--', 'sh', '-c', 'echo ran >> log'] as const
  const runs = () => (there('log') ? readFileSync(join(place, 'log'), 'utf8') : '')

  test('killed while it waits, and started again: the same request, and it runs once', async () => {
    const first = run(KEYED)
    const { decide, gate, request } = await waiting(first)
    const { id } = await request()
    first.child.kill('SIGKILL')
    expect(await first.exited).toBe('SIGKILL')
    const second = run(KEYED)
    await second.saying(`request ${id}`)
    await decide('approve')
    expect([await second.exited, runs()]).toEqual([0, 'ran\n'])
    expect((await gate.requests.list()).requests).toHaveLength(1)

    const third = run(KEYED)
    expect([await third.exited, runs()]).toEqual([70, 'ran\n'])
    expect(third.err()).toContain(`already ran, once, under request ${id}`)
  })

  test('the same key for another command line is refused', async () => {
    const first = run(KEYED)
    await waiting(first)
    first.child.kill('SIGKILL')
    await first.exited
    const other = run([...GROUP, '--key', 'job-7', '--', 'touch', 'ran'])
    expect([await other.exited, there('ran')]).toEqual([70, false])
    expect(other.err()).toContain('belongs to a request with other arguments')
  })

  test('killed while it runs: what became of it is unknown, and it is not run again', async () => {
    // A lease of 30 seconds, the default, would have to run out.
    const gate = `{ agent: { id: 'd', owner: null }, reviewers: { type: 'group', name: 'ops' } }`
    writeFileSync(
      join(place, 'own.mjs'),
      `export default { ...${gate}, dataDirectory: 'data', approvers: [], lease: '2s', sweepEvery: '500ms' }`,
    )
    const args = [
      '--action',
      'plan.apply',
      '--config',
      'own.mjs',
      '--key',
      'job-7',
      '--',
      'sh',
      '-c',
      'echo ran >> log; echo running; exec sleep 600',
    ]
    const first = run(args)
    const { decide } = await waiting(first)
    await decide('approve')
    await first.saying('running')
    process.kill(-(first.child.pid ?? 0), 'SIGKILL')
    expect(await first.exited).toBe('SIGKILL')
    const second = run(args)
    expect([await second.exited, runs()]).toEqual([70, 'ran\n'])
    expect(second.err()).toContain('its outcome is not known')
  })

  test('a failed run is asked for again with --retry alone', async () => {
    const args = [...GROUP, '--key', 'k', '--', 'sh', '-c', 'echo ran >> log; exit 1']
    const first = run(args)
    const { decide } = await waiting(first)
    await decide('approve')
    expect(await first.exited).toBe(1)
    expect(await run(args).exited).toBe(70)
    const again = run(['--retry', ...args])
    await again.saying('waiting for approval')
    await decide('approve')
    expect([await again.exited, runs()]).toEqual([1, 'ran\nran\n'])
  })
})
