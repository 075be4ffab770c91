import type { DoctorFindings } from './findings'
import type { DoctorSystem } from './system'

/** What `engines` of every package asks for. */
const LEAST = [20, 19] as const

/** Whether this Node can run a gate. */
export function checkNode({ nodeVersion }: DoctorSystem, findings: DoctorFindings): void {
  const [major = 0, minor = 0] = nodeVersion.split('.').map(Number)
  const [leastMajor, leastMinor] = LEAST
  if (major > leastMajor || (major === leastMajor && minor >= leastMinor))
    findings.ok('node', `Node ${nodeVersion}`)
  else
    findings.problem(
      'node',
      `Node ${nodeVersion} is older than ${LEAST.join('.')}, which is needed`,
      'install a newer Node: https://nodejs.org, or nvm install --lts',
    )
}
