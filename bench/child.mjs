import { fork } from 'node:child_process'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const here = dirname(fileURLToPath(import.meta.url))

/**
 * Runs a script in a process of its own and resolves with what it reported.
 *
 * @param {string} script relative to this folder
 * @param {{ told?: unknown, node?: readonly string[], execPath?: string }} [options] `node`: flags of Node
 * @returns {Promise<any>} rejects when the process ends without a report
 */
export function runInChild(script, { told = {}, node = [], execPath = process.execPath } = {}) {
  return new Promise((resolve, reject) => {
    const child = fork(join(here, script), [JSON.stringify(told)], {
      execArgv: [...node],
      execPath,
      env: { ...process.env, NODE_ENV: 'test', NO_COLOR: '1' },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    })
    let findings
    let said = ''
    const hear = (text) => {
      said = `${said}${text}`.slice(-4_000)
    }
    child.stdout.on('data', hear)
    child.stderr.on('data', hear)
    child.on('message', (message) => {
      findings = message
    })
    child.on('error', reject)
    child.on('close', (code) => {
      if (findings !== undefined) resolve(findings)
      else reject(new Error(`${script} ended with ${code} and reported nothing. It said:\n${said}`))
    })
  })
}
