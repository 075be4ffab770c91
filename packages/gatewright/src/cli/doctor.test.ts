import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import {
  appendFileSync,
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'libsql'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { cli } from '../../test/cli-log'
import { program } from '../../test/cli-process'
import { createGate, group } from '..'
import { doctor, examine } from './doctor'
import type { DoctorFinding } from './doctor/findings'
import { type DoctorSystem, realSystem } from './doctor/system'

const SILENT = { info() {}, warn() {}, error() {} }
const place = realpathSync(mkdtempSync(join(tmpdir(), 'gatewright-doctor-test-')))
const kept = join(place, 'kept')
/** A copy that each test may break. */
const data = join(place, 'data')
const log = join(data, 'audit-log')
const io = { out() {}, err() {}, progress() {} }

/** An allowed call and a request that waits. */
beforeAll(async () => {
  const gate = createGate({
    agent: { id: 'bot', owner: null },
    approvers: [],
    reviewers: group('ops'),
    dataDirectory: kept,
    logger: SILENT,
  })
  const created = new Promise<void>((resolve) => gate.on('request.created', () => resolve()))
  const send = gate.requireApproval(async () => 1, { action: 'mail.send' })
  void send().catch(() => {})
  await created
  await gate.close()
  // Else what is newest lies beside the file, and hides what is done to it.
  sql(join(kept, 'requests.db'), 'PRAGMA wal_checkpoint(TRUNCATE)')
})
beforeEach(() => {
  rmSync(data, { recursive: true, force: true })
  copyTo(data)
})
afterEach(() => void vi.unstubAllEnvs())
afterAll(() => rmSync(place, { recursive: true, force: true }))

/** What is not as it should be, as the doctor of that machine sees it. */
async function wrong(system: Partial<DoctorSystem> = {}, more: { config?: string; quick?: boolean } = {}) {
  const findings = await examine({ data, ...more, config: more.config ?? configOf() }, io, {
    ...realSystem,
    ...system,
  })
  return findings.filter(({ status }) => status !== 'ok')
}

/** With modes: not every Node copies those of folders. */
function copyTo(directory: string): void {
  execFileSync('cp', ['-a', kept, directory])
}

/** An agent whose call runs, and goes on running. */
const AGENT = `
import { createGate, group, when } from 'gatewright'
const gate = createGate({
  agent: { id: 'bot', owner: null },
  approvers: [],
  reviewers: group('ops'),
  dataDirectory: process.env.DATA,
  policy: [when('mail.read').allow()],
})
const work = () => {
  console.log('RUNNING')
  return new Promise(() => setInterval(() => {}, 2 ** 30))
}
await gate.requireApproval(work, { action: 'mail.read', key: () => 'of today' })()
`

let configs = 0
function configOf(
  text = "{ agent: { id: 'bot', owner: null }, reviewers: { type: 'group', name: 'ops' }, approvers: [] }",
): string {
  configs += 1
  const file = join(place, `config-${configs}.mjs`)
  writeFileSync(file, `export default ${text}`)
  return file
}

function only(
  findings: readonly DoctorFinding[],
  check: string,
  status: string,
  message: RegExp,
): DoctorFinding {
  expect(findings).toHaveLength(1)
  expect(findings[0]).toMatchObject({ check, status, message: expect.stringMatching(message) })
  return findings[0] as DoctorFinding
}

/** Does what is said behind the last colon of a fix, as a shell. */
function obey({ fix }: DoctorFinding): void {
  execFileSync('sh', ['-c', fix?.replace(/^.*?: (?=\w+ )/, '') ?? 'exit 1'], { cwd: place })
}

describe('gatewright doctor', () => {
  test('finds nothing wrong where nothing is, and exits 0', async () => {
    expect(await wrong()).toEqual([])
    const { code, out } = await cli('doctor', '--data', data, '--config', configOf())
    expect(code).toBe(0)
    expect(out).toMatch(/1 request waiting, 0 calls running/)
    expect(out).toMatch(/All is well\.$/)
  })

  test('writes nothing, and leaves no copy lying', async () => {
    mkdirSync(join(place, 'tmp'))
    vi.stubEnv('TMPDIR', join(place, 'tmp'))
    const before = contents(data)
    expect(await wrong()).toEqual([])
    expect(contents(data)).toEqual(before)
    expect(readdirSync(join(place, 'tmp'))).toEqual([])
  })

  test('writes nothing and takes no lock while an agent runs, and sees what it wrote last', async () => {
    const file = join(place, 'agent.mts')
    writeFileSync(file, AGENT)
    const agent = program(place, file, { DATA: data })
    const ended = once(agent, 'close')
    try {
      for await (const chunk of agent.stdout.iterator({ destroyOnReturn: false }))
        if (String(chunk).includes('RUNNING')) break
      // In the middle of whatever it does: what changes now, it was not the agent.
      agent.kill('SIGSTOP')
      await stopped(agent.pid ?? 0)
      const before = contents(data)
      const found = await examine({ data, config: configOf() }, io)
      expect(contents(data)).toEqual(before)
      expect(found.filter(({ status }) => status !== 'ok')).toEqual([])
      const messages = found.map(({ message }) => message)
      expect(messages).toContain('1 request waiting, 1 call running')
      expect(messages).toContainEqual(expect.stringContaining(`process ${agent.pid} has the log open`))
    } finally {
      agent.kill('SIGKILL')
      await ended
    }
  })

  test('fits a narrow terminal', async () => {
    const seen: string[] = []
    await doctor(['--data', data, '--config', configOf()], {
      ...io,
      out: (text) => void seen.push(text),
      columns: 80,
    })
    const lines = seen.join('\n').split('\n')
    const narrow = lines.filter((line) => !line.includes(place))
    expect(Math.max(...narrow.map((line) => line.length))).toBeLessThanOrEqual(80)
    expect(lines.some((line) => line.startsWith(' '.repeat(13)))).toBe(true)
  })

  test('exits 1 for a problem, with the fix below it, and says the same as JSON', async () => {
    chmodSync(`${log}.key`, 0o644)
    const args = ['doctor', '--data', data, '--config', configOf()]
    const { code, out } = await cli(...args)
    expect(code).toBe(1)
    expect(out).toContain(
      `✘ log        ${log}.key can be used by others than its owner (mode 644)\n             → chmod 600 ${log}.key`,
    )
    const json = await cli(...args, '--json')
    expect(json.code).toBe(1)
    const { findings, status } = JSON.parse(json.out)
    expect(status).toBe('problem')
    expect(findings).toContainEqual({
      check: 'log',
      status: 'problem',
      message: `${log}.key can be used by others than its owner (mode 644)`,
      fix: `chmod 600 ${log}.key`,
    })
    execFileSync('chmod', ['600', `${log}.key`])
    expect((await cli(...args)).code).toBe(0)
  })
})

describe('the config', () => {
  test.each([
    ['{ agent: 1', /cannot be loaded/],
    ['7', /has no default export/],
    [
      "{ agent: { id: 'bot', owner: null }, reviewer: 1 }",
      /createGate\.reviewer: .*did you mean "reviewers"/,
    ],
    ["{ agent: { id: 'bot', owner: null } }", /createGate\.reviewers: say who reviews/],
    [
      "{ agent: { id: 'bot', owner: null }, reviewers: { type: 'group', name: 'ops' }, dataDirectory: 7 }",
      /dataDirectory/,
    ],
  ])('%s', async (text, message) => {
    const found = only(await wrong({}, { config: configOf(text) }), 'config', 'problem', message)
    expect(found.fix).toMatch(/correct/)
  })

  test('none that was named, and none at all', async () => {
    const found = only(
      await wrong({}, { config: join(place, 'nowhere.mjs') }),
      'config',
      'problem',
      /there is no config/,
    )
    expect(found.fix).toBe('write one: gatewright init')
  })

  test('one that keeps nothing, or asks nobody', async () => {
    const base = "agent: { id: 'bot', owner: null }, reviewers: { type: 'group', name: 'ops' }, approvers: []"
    only(
      await wrong({}, { config: configOf(`{ ${base}, ephemeral: true }`) }),
      'config',
      'warning',
      /ephemeral/,
    )
    only(
      await wrong({}, { config: configOf(`{ ${base}, mode: 'observe' }`) }),
      'config',
      'warning',
      /observe/,
    )
  })
})

describe('what a config opens', () => {
  test('a config that makes its gate, its store or its log by itself: they are asked, and closed', async () => {
    const base = "agent: { id: 'bot', owner: null }, reviewers: { type: 'group', name: 'ops' }, approvers: []"
    const methods = 'create transition get getMany getByKey similar due changes forget'.split(' ')
    const storeOf = (list: string) =>
      `{ now: () => 0, ${methods.map((name) => `${name}() {},`).join(' ')} list: async () => { ${list} }, leases: {}, close() { globalThis.closedByDoctor = 'store' } }`
    const closed = () => Reflect.get(globalThis, 'closedByDoctor')
    const answering = configOf(`{ ${base}, store: ${storeOf('return { requests: [], cursor: null }')} }`)
    expect(await wrong({}, { config: answering })).toEqual([])
    expect(closed()).toBe('store')
    const silent = configOf(`{ ${base}, store: ${storeOf("throw new Error('it is away')")} }`)
    only(await wrong({}, { config: silent }), 'store', 'problem', /own store does not answer: it is away/)
    const auditOf = (code: string) =>
      `{ logId: 'a', async append() {}, close() { globalThis.closedByDoctor = 'audit' }, get opened() { return Promise.reject(new Error('no', { cause: Object.assign(new Error('held by 12'), { code: '${code}' }) })) } }`
    const held = configOf(`{ ${base}, audit: ${auditOf('ERR_LOG_LOCKED')} }`)
    only(
      await wrong({}, { config: held }),
      'log',
      'warning',
      /opens its log by itself, and could not: held by 12/,
    )
    expect(closed()).toBe('audit')
    only(
      await wrong({}, { config: configOf(`{ ${base}, audit: ${auditOf('ERR_LOG_DAMAGED')} }`) }),
      'log',
      'problem',
      /own log does not open: held by 12/,
    )
    const gate = configOf("{ requests: {}, vote() {}, async close() { globalThis.closedByDoctor = 'gate' } }")
    only(await wrong({}, { config: gate }), 'config', 'warning', /makes its gate by itself/)
    expect(closed()).toBe('gate')
    Reflect.deleteProperty(globalThis, 'closedByDoctor')
  })
})

describe('the machine', () => {
  test('an old Node, a full disk, a network file system', async () => {
    only(await wrong({ nodeVersion: '20.18.3' }), 'node', 'problem', /older than 20\.19/)
    expect(await wrong({ nodeVersion: '24.0.0' })).toEqual([])
    only(await wrong({ disk: () => ({ type: 0, freeBytes: 5e6 }) }), 'data', 'problem', /only 4 MB are free/)
    only(await wrong({ disk: () => ({ type: 0, freeBytes: 5e8 }) }), 'data', 'warning', /476 MB are free/)
    only(await wrong({ disk: () => ({ type: 0x6969, freeBytes: 5e12 }) }), 'data', 'problem', /NFS/)
    only(await wrong({ disk: () => ({ type: -11317950, freeBytes: 5e12 }) }), 'data', 'problem', /CIFS|SMB/)
  })

  test('a clock behind what was written', async () => {
    const found = await wrong({ now: () => Date.now() - 3_600_000 })
    expect(found.map(({ check, status }) => `${check} ${status}`)).toEqual(['clock problem', 'clock problem'])
    expect(found.map(({ message }) => message).join()).toMatch(
      /behind the newest request.*behind the log's newest entry/,
    )
  })
})

describe('what a gate keeps', () => {
  test.each([
    ['the directory', () => data, 0o755, /mode 755/],
    ['the requests', () => join(data, 'requests.db'), 0o640, /mode 640/],
    ['the log', () => log, 0o750, /mode 750/],
  ])('%s is for its owner alone, and the fix mends it', async (_, path, mode, message) => {
    chmodSync(path(), mode)
    const [found, ...others] = await wrong()
    expect(others).toEqual([])
    expect(found).toMatchObject({ status: 'problem', message: expect.stringMatching(message) })
    obey({ ...(found as DoctorFinding), fix: `run: ${found?.fix}` })
    expect(await wrong()).toEqual([])
  })

  test('somebody else’s, a link, a file in its place, one that is not there', async () => {
    const found = await wrong({ userId: (process.getuid?.() ?? 0) + 1 })
    expect(found[0]).toMatchObject({
      status: 'problem',
      message: expect.stringContaining('belongs to another user'),
    })
    renameSync(`${log}.key`, `${log}.key.real`)
    symlinkSync(`${log}.key.real`, `${log}.key`)
    only(await wrong(), 'log', 'problem', /symbolic link/)
    rmSync(data, { recursive: true })
    expect(await wrong()).toEqual([])
    writeFileSync(data, '')
    const file = only(await wrong(), 'data', 'problem', /is no directory/)
    obey(file)
    expect(await wrong()).toEqual([])
    rmSync(`${data}.old`)
  })

  test('git takes it in, or would', async () => {
    const repository = join(place, 'repository')
    mkdirSync(repository)
    const git = (...args: string[]) => execFileSync('git', args, { cwd: repository })
    git('init', '-q')
    copyTo(join(repository, 'data'))
    const look = async () => {
      const findings = await examine({ data: join(repository, 'data'), config: configOf() }, io)
      return findings.filter(({ status }) => status !== 'ok')
    }
    only(await look(), 'data', 'warning', /not ignored by git/)
    git('add', 'data/audit-log.key')
    expect((await look()).map(({ status }) => status)).toContain('problem')
    git('rm', '-q', '-r', '--cached', 'data')
    writeFileSync(join(repository, '.gitignore'), 'data/\n')
    expect(await look()).toEqual([])
  })

  test('a store that is damaged, of something else, or newer than this', async () => {
    const file = join(data, 'requests.db')
    const whole = readFileSync(file)
    writeFileSync(file, whole.subarray(0, whole.length >> 1))
    only(await wrong(), 'store', 'problem', /damaged/)
    writeFileSync(file, 'no database'.repeat(100))
    only(await wrong(), 'store', 'problem', /damaged, or no SQLite file/)
    rmSync(file)
    sql(file, 'CREATE TABLE theirs (x)')
    chmodSync(file, 0o600)
    only(await wrong(), 'store', 'problem', /of something else/)
    writeFileSync(file, whole)
    sql(file, 'INSERT INTO gatewright_schema (version) VALUES (99)')
    const newer = only(await wrong(), 'store', 'problem', /newer version .*schema 99/)
    expect(newer.fix).toBe('npm install gatewright@latest')
    writeFileSync(file, whole)
    expect(await wrong()).toEqual([])
  })

  test('newest writes that nobody folds in', async () => {
    const wal = join(data, 'requests.db-wal')
    writeFileSync(wal, '', { mode: 0o600 })
    truncateSync(wal, 70 * 1_048_576)
    only(await wrong(), 'store', 'warning', /70 MB of newest writes/)
  })

  test('requests that nobody looks after, and executions whose process is gone', async () => {
    only(
      await wrong({ now: () => Date.now() + 7_200_000 }),
      'requests',
      'warning',
      /1 request should have expired, for \w+ already/,
    )
    sql(
      join(data, 'requests.db'),
      "UPDATE requests SET status = 'executing', state = json_set(state, '$.status', 'executing')",
    )
    only(await wrong(), 'requests', 'warning', /1 execution ended with the process/)
  })

  test('--quick reads neither, and still sees files', async () => {
    writeFileSync(join(data, 'requests.db'), 'no database', { mode: 0o600 })
    chmodSync(`${log}.key`, 0o644)
    only(await wrong({}, { quick: true }), 'log', 'problem', /mode 644/)
  })
})

describe('the log', () => {
  test('one that was changed, cut, or has no key or another one', async () => {
    const [segment = ''] = readdirSync(join(log, 'journal'))
    const file = join(log, 'journal', segment)
    const bytes = readFileSync(file)
    const at = bytes.indexOf('gate.started')
    const changed = Buffer.from(bytes)
    changed[at] = 0x47
    writeFileSync(file, changed)
    const found = await wrong()
    expect(found).toContainEqual(
      expect.objectContaining({
        check: 'log',
        status: 'problem',
        message: expect.stringMatching(/damaged|does not hold/),
      }),
    )
    writeFileSync(file, bytes)
    appendFileSync(file, bytes.subarray(0, 7))
    expect(await wrong()).toContainEqual(
      expect.objectContaining({ check: 'log', message: expect.stringMatching(/not all of it is there/) }),
    )
    writeFileSync(file, bytes)
    expect(await wrong()).toEqual([])
    writeFileSync(`${log}.key`, 'no key')
    only(await wrong(), 'log', 'problem', /holds no key/)
    copyFileSync(await otherKey(), `${log}.key`)
    only(await wrong(), 'log', 'problem', /the key of another log/)
    rmSync(`${log}.key`)
    only(await wrong(), 'log', 'problem', /the key of the log is gone/)
    expect(existsSync(`${log}.key`)).toBe(false)
  })

  test('who has it open: nobody, a process, one that is gone, one elsewhere, one that does not say', async () => {
    const lock = join(log, 'lock')
    const holder = { host: hostname(), pid: 4_711, nonce: '0'.repeat(32), startTime: null }
    const held = async (isAlive: boolean) => {
      const findings = await examine({ data, config: configOf() }, io, {
        ...realSystem,
        isAlive: () => isAlive,
      })
      return findings.find(({ message }) => message.includes('process'))
    }
    expect(await held(true)).toMatchObject({ status: 'ok', message: 'no process has the log open' })
    writeFileSync(lock, JSON.stringify(holder))
    expect(await held(true)).toMatchObject({
      status: 'ok',
      message: expect.stringContaining('process 4711 has the log open'),
    })
    expect(await held(false)).toMatchObject({
      status: 'ok',
      message: expect.stringContaining('is gone: the next start'),
    })
    writeFileSync(lock, JSON.stringify({ ...holder, host: 'elsewhere' }))
    only(await wrong(), 'log', 'warning', /process 4711 on elsewhere/)
    writeFileSync(lock, '{')
    obey(only(await wrong(), 'log', 'problem', /does not say which one/))
    expect(await wrong()).toEqual([])
  })
})

/** Resolves once no thread of a process goes on: when a signal was sent, some still do. */
async function stopped(pid: number): Promise<void> {
  // Elsewhere than on Linux, by the process as a whole.
  const states = () =>
    existsSync('/proc/self/task')
      ? readdirSync(`/proc/${pid}/task`).map((thread) =>
          readFileSync(`/proc/${pid}/task/${thread}/stat`, 'utf8').replace(/^.*\) /s, ''),
        )
      : [execFileSync('ps', ['-o', 'state=', '-p', `${pid}`], { encoding: 'utf8' })]
  while (!states().every((state) => state.startsWith('T'))) await new Promise(setImmediate)
}

function sql(file: string, text: string): void {
  const database = new Database(file)
  database.exec(text)
  database.close()
}

async function otherKey(): Promise<string> {
  const other = join(place, 'other')
  const gate = createGate({
    agent: { id: 'bot', owner: null },
    approvers: [],
    reviewers: group('ops'),
    dataDirectory: other,
    logger: SILENT,
  })
  await gate.start()
  await gate.close()
  return join(other, 'audit-log.key')
}

/** Every file with its bytes and its time, but for SQLite's index of what is newest, in which readers are noted. */
function contents(directory: string): readonly string[] {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .filter((name) => !name.endsWith('-shm'))
    .sort()
    .map((name) => {
      const path = join(directory, name)
      const stat = statSync(path)
      const bytes = stat.isFile() ? createHash('sha256').update(readFileSync(path)).digest('hex') : ''
      return `${name} ${stat.mtimeMs} ${bytes}`
    })
}
