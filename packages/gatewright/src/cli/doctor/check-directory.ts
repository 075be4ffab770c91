import { spawnSync } from 'node:child_process'
import { accessSync, constants, existsSync, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { quoteWord } from '../shell-words'
import type { DoctorFindings } from './findings'
import { checkPrivate } from './permissions'
import type { DoctorSystem } from './system'

const MB = 1_048_576
/** A log of a day, and the requests of many. */
const LEAST_FREE = 100 * MB
const ENOUGH_FREE = 1_024 * MB

/** File systems of other machines, as Linux numbers them. */
const NETWORK = new Map([
  [0x6969, 'NFS'],
  [0x517b, 'SMB'],
  [0xfe534d42, 'SMB'],
  [0xff534d42, 'CIFS'],
  [0x5346414f, 'AFS'],
  [0x00c36400, 'Ceph'],
])

/**
 * The directory that a gate keeps things in.
 *
 * @returns whether it is there, and can be looked into
 */
export function checkDirectory(place: string, system: DoctorSystem, findings: DoctorFindings): boolean {
  const stat = statSync(place, { throwIfNoEntry: false })
  if (stat === undefined) {
    checkToBeMade(place, findings)
    return false
  }
  if (!stat.isDirectory()) {
    findings.problem(
      'data',
      `${place} is no directory`,
      `name another one with dataDirectory, or move it: mv ${quoteWord(place)} ${quoteWord(`${place}.old`)}`,
    )
    return false
  }
  if (checkPrivate('data', place, system, findings))
    findings.ok('data', `${place} is there, for this user alone`)
  checkDisk(place, system, findings)
  checkIgnored(place, findings)
  return true
}

function checkToBeMade(place: string, findings: DoctorFindings): void {
  let above = dirname(resolve(place))
  while (!existsSync(above)) above = dirname(above)
  try {
    accessSync(above, constants.W_OK)
    findings.ok('data', `${place} is not there yet: the first start makes it`)
  } catch {
    findings.problem(
      'data',
      `${place} cannot be made: ${above} is not to be written by this user`,
      'name another one with dataDirectory, in the config',
    )
  }
}

function checkDisk(place: string, system: DoctorSystem, findings: DoctorFindings): void {
  const { freeBytes, type } = system.disk(place)
  // Some systems give the number with a sign.
  const network = NETWORK.get(type >>> 0)
  if (network !== undefined)
    findings.problem(
      'data',
      `${place} is on a network file system (${network}): SQLite's locks do not work there`,
      'name a directory on a disk of this machine with dataDirectory, or keep requests in PostgreSQL (docs/storage-postgres.md)',
    )
  const free = `${Math.floor(freeBytes / MB).toLocaleString('en-US')} MB`
  const make = `make room: when the disk is full, nothing runs any more (df -h ${quoteWord(place)})`
  if (freeBytes < LEAST_FREE) findings.problem('data', `only ${free} are free where ${place} lies`, make)
  else if (freeBytes < ENOUGH_FREE) findings.warning('data', `${free} are free where ${place} lies`, make)
}

/** Whether git leaves it alone; nothing is said where there is no git, or no repository. */
function checkIgnored(place: string, findings: DoctorFindings): void {
  const git = (...args: string[]) =>
    // Its configuration may be anybody's who writes there, and names a program to ask for changes.
    spawnSync('git', ['-c', 'core.fsmonitor=false', ...args], {
      cwd: place,
      encoding: 'utf8',
      timeout: 10_000,
      env: { ...process.env, GIT_OPTIONAL_LOCKS: '0' },
    })
  const committed = git('ls-files', '--', '.')
  if (committed.status !== 0) return
  const named = quoteWord(place)
  if (committed.stdout !== '')
    findings.problem(
      'data',
      `files of ${place} are under version control: they hold what agents do, and maybe the key`,
      `git rm -r --cached ${named}, commit, and hand the log over to a new key (gatewright audit rotate-key)`,
    )
  if (git('check-ignore', '-q', '.').status === 1)
    findings.warning(
      'data',
      `${place} is not ignored by git: one "git add ." would take the requests and the log's key in`,
      `echo '${place.replace(/\/+$/, '')}/' >> .gitignore`,
    )
}
