import { hostname, userInfo } from 'node:os'
import type { Principal } from '@gatewright/core'

/**
 * The operating system's user who runs this process, as a principal: issuer `os:<hostname>`, subject `<uid>:<user name>`
 * (the name alone on Windows), assurance `local`. Also good for naming the owner of an agent that a person starts by
 * hand: the gate then refuses that person's votes on its calls (I4).
 *
 * @param groups - the groups that the host program says this user is in; nothing is read from the operating system.
 */
export function osUser(groups: readonly string[] = []): Principal {
  const { uid, name } = account()
  return {
    type: 'human',
    issuer: `os:${hostname()}`,
    subject: uid < 0 ? name : `${uid}:${name}`,
    name,
    groups: [...groups],
    assurance: { method: 'local' },
  }
}

/** A container may run under a number that no account has: then the number is the name. */
function account(): { readonly uid: number; readonly name: string } {
  try {
    const { uid, username } = userInfo()
    return { uid, name: username }
  } catch {
    const uid = process.getuid?.() ?? -1
    return { uid, name: `uid ${uid}` }
  }
}
