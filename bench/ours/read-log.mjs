// One reading of a log, and its price: seconds of the processor, all threads; by the clock; bytes of memory at the most.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { report, told } from '../measure/report.mjs'

const { what, directory, origin } = told()

async function verify() {
  const { fileSigner, verifyLog } = await import('@gatewright/audit')
  const { verifierKey } = fileSigner(`${directory}.key`, { name: origin })
  return measured(async () => {
    const trust = [{ vkey: verifierKey, from: 0, to: null }]
    const { status, counts, findings } = await verifyLog({ directories: [directory], trust })
    return { ...counts, status, findings: findings.slice(0, 3) }
  })
}

/** Every entry's leaf hash, and the tree over them: what no verifier can do without. */
async function hash() {
  const { Tree } = await import('@gatewright/audit')
  const folder = join(directory, 'journal')
  return measured(() => {
    const tree = new Tree()
    let bytes = 0
    for (const name of readdirSync(folder)) {
      const segment = readFileSync(join(folder, name))
      for (let at = 0; at < segment.length; ) {
        const end = at + 9 + segment.readUInt32LE(at)
        if (segment[at + 8] === 1) tree.append(segment.subarray(at + 9, end))
        if (segment[at + 8] === 1) bytes += end - at - 9
        at = end
      }
    }
    return { entries: tree.size, entryBytes: bytes, root: Buffer.from(tree.root()).toString('base64') }
  })
}

/** Opening it to write on reads the journal, and checks what its writer relies on. */
async function open() {
  const { fileAudit } = await import('@gatewright/audit')
  let audit
  const found = await measured(async () => {
    audit = fileAudit({ directory, origin })
    const { size } = await audit.opened
    return { entries: size }
  })
  await audit.close()
  return found
}

async function measured(work) {
  const before = process.cpuUsage()
  const began = performance.now()
  const found = await work()
  const { user, system } = process.cpuUsage(before)
  const seconds = (performance.now() - began) / 1_000
  return { ...found, cpu: (user + system) / 1_000_000, seconds }
}

const found = await { verify, hash, open, nothing: async () => ({}) }[what]()
report({ ...found, peakBytes: process.resourceUsage().maxRSS * 1_024 })
