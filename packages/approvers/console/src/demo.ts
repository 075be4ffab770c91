import { OptionError, type Principal } from '@gatewright/core'

/** Two people who do not exist, in the groups a demo asks for. */
export function demoPeople(groups: readonly string[]): readonly Principal[] {
  return [demoPerson('ada', 'Ada Moreno', groups), demoPerson('ben', 'Ben Okafor', groups)]
}

/**
 * Demo identities are nobody's: whoever sits at the keyboard picks one.
 *
 * @throws {OptionError} when `NODE_ENV` is `production`
 */
export function refuseDemoInProduction(): void {
  if (process.env.NODE_ENV !== 'production') return
  throw new OptionError(
    'consoleApprover.demo',
    'refuses NODE_ENV=production: demo people are not verified. Leave `demo` out, or use an approver that verifies people',
  )
}

function demoPerson(subject: string, name: string, groups: readonly string[]): Principal {
  return { type: 'human', issuer: 'demo', subject, name, groups: [...groups], assurance: { method: 'demo' } }
}
