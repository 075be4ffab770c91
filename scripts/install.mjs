// Installs through the pnpm that package.json pins, and only when something changed since the last time.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { readManifest, root, workspaceDirectories } from './workspace.mjs'

const pnpmVersion = readManifest('.').packageManager.split('@').pop()
const cache = join(root, 'node_modules', '.cache', 'gatewright')
const stampFile = join(cache, 'install.json')
const pnpmFile = join(cache, 'pnpm.json')

export function say(text) {
  console.log(`gatewright: ${text}`)
}

/** Ends the program with one clear line when Node is too old for the tools and the packages. */
export function requireNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  if (major > 20 || (major === 20 && minor >= 19)) return
  console.error(`gatewright: needs Node 20.19 or newer, and this is Node ${process.versions.node}`)
  process.exit(1)
}

/**
 * Runs the pinned pnpm in the root.
 *
 * @param {string[]} args
 * @param {{ env?: Record<string, string>, stdin?: 'ignore' | 'inherit', quiet?: boolean }} [options]
 *   `quiet` prints the program's output only when it fails; nothing waits for an answer unless `stdin` is inherited
 * @returns {number} the exit code
 */
export function pnpm(args, { env = {}, stdin = 'ignore', quiet = false } = {}) {
  const path = [pnpmFolder(), process.env.PATH].join(delimiter)
  const output = quiet ? 'pipe' : 'inherit'
  const { status, error, stdout, stderr } = spawnSync('pnpm', args, {
    cwd: root,
    stdio: [stdin, output, output],
    maxBuffer: 1024 ** 3,
    shell: process.platform === 'win32',
    env: { ...process.env, ...env, PATH: path },
  })
  if (error) console.error(`gatewright: pnpm could not be started: ${error.message}`)
  if (quiet && status !== 0) process.stderr.write(`${stdout}${stderr}`)
  return status ?? 1
}

/** The folder that holds the pinned pnpm: npx brings it, and where it stands is remembered. */
function pnpmFolder() {
  const remembered = readJson(pnpmFile)
  if (remembered.version === pnpmVersion && existsSync(join(remembered.folder, 'pnpm')))
    return remembered.folder
  const { status, stdout } = spawnSync(
    'npx',
    ['--yes', '--loglevel=error', `--package=pnpm@${pnpmVersion}`, '--', 'node', '-p', 'process.env.PATH'],
    {
      cwd: root,
      stdio: ['ignore', 'pipe', 'inherit'],
      encoding: 'utf8',
      shell: process.platform === 'win32',
    },
  )
  const folder = (stdout ?? '')
    .trim()
    .split(delimiter)
    .find((candidate) => existsSync(join(candidate, 'pnpm')))
  if (status !== 0 || folder === undefined) {
    console.error(`gatewright: pnpm ${pnpmVersion} could not be had through npx`)
    process.exit(1)
  }
  writeJson(pnpmFile, { version: pnpmVersion, folder })
  return folder
}

/** Runs tasks of turbo.json; returns the exit code. */
export function turbo(args, { quiet = false } = {}) {
  const options = ['--ui=stream', '--log-order=grouped', '--log-prefix=none']
  const env = {
    TURBO_TELEMETRY_DISABLED: '1',
    DO_NOT_TRACK: '1',
    // Part of the tests' hash, so that another Node runs them again.
    GATEWRIGHT_NODE: process.version,
  }
  if (!process.stdout.isTTY) {
    options.push('--no-color')
    env.NO_COLOR = '1'
    env.FORCE_COLOR = '0'
  }
  return pnpm(['--dir', 'scripts', 'exec', 'turbo', '--cwd', '..', 'run', ...args, ...options], {
    env,
    quiet,
  })
}

/**
 * Installs everything, or what one package needs.
 *
 * @param {'all' | string} wanted `all`, or the name of the package
 */
export function install(wanted) {
  const state = stateOfManifests()
  const stamp = readJson(stampFile)
  const standing =
    stamp.state === state && existsSync(join(root, 'node_modules', '.modules.yaml')) ? stamp.installed : []
  // A full install holds whatever a part needs, and is never shrunk to it.
  if (standing.includes('all') || standing.includes(wanted)) return
  say(`installing ${wanted === 'all' ? 'the workspace' : `what ${wanted} needs`} (pnpm ${pnpmVersion}) ...`)
  const filter = wanted === 'all' ? [] : ['--filter', `${wanted}...`, '--filter', '@gatewright/scripts']
  rmSync(stampFile, { force: true })
  if (
    pnpm([
      ...filter,
      'install',
      '--frozen-lockfile',
      '--prefer-offline',
      '--reporter=append-only',
      '--loglevel=warn',
    ]) !== 0
  ) {
    console.error(
      'gatewright: the install failed. If pnpm-lock.yaml is out of date with a package.json, run ' +
        `"npx pnpm@${pnpmVersion} install --no-frozen-lockfile" and commit the lockfile.`,
    )
    process.exit(1)
  }
  writeJson(stampFile, { state, installed: [...standing, wanted] })
}

function readJson(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return {}
  }
}

function writeJson(file, value) {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, JSON.stringify(value))
}

function stateOfManifests() {
  const hash = createHash('sha256').update(`${process.platform} ${process.arch}`)
  const manifests = ['.', ...workspaceDirectories()].map((directory) => join(directory, 'package.json'))
  for (const file of ['pnpm-lock.yaml', 'pnpm-workspace.yaml', '.npmrc', ...manifests]) {
    hash.update(`\0${file}\0`)
    if (existsSync(join(root, file))) hash.update(readFileSync(join(root, file)))
  }
  return hash.digest('hex')
}
