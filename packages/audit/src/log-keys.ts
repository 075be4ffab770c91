import { existsSync } from 'node:fs'
import { AuditLogError } from './errors'
import { type KeyHistory, shortKey } from './journal/key-history'
import type { KeySource } from './journal/open-log'
import { emptyRoot } from './merkle'
import { checkpointText, fileSigner, type Signer, signNote } from './note'
import { finishKeyFile, nextKeyPath } from './note/key-file-rotation'

/**
 * The keys of a log as its options name them.
 *
 * @param path - of the key file
 * @param signer - `undefined`: the one in the key file
 * @param cosigners - `undefined`: none, and none is to be given up by that
 */
export function keySourceOf(
  { origin, path }: { readonly origin: string; readonly path: string },
  signer: Signer | undefined,
  cosigners: readonly Signer[] | undefined,
): KeySource {
  let unfinished: KeyHistory | null = null
  return {
    signer(keys, isNew) {
      if (signer !== undefined) return fitting(signer, keys, null)
      if (isNew) return fileSigner(path, { name: origin })
      if (!existsSync(path)) throw keyGone(path, keys)
      const held = fileSigner(path, { name: origin })
      const next = nextKeyPath(path)
      if (keys.current === null || held.verifierKey === keys.current || !existsSync(next))
        return fitting(held, keys, path)
      // A crash came between the rotation in the log and the renaming of its files: the log decides.
      const successor = fileSigner(next, { name: origin })
      if (successor.verifierKey !== keys.current || keys.retired.at(-1)?.vkey !== held.verifierKey)
        return fitting(held, keys, path)
      unfinished = keys
      return successor
    },
    cosigners: (keys, own) => cosignersFor(keys, own, cosigners),
    settle() {
      if (unfinished !== null) finishKeyFile(path, { name: origin })
    },
  }
}

function fitting(signer: Signer, { current }: KeyHistory, path: string | null): Signer {
  if (current === null || signer.verifierKey === current) return signer
  throw new AuditLogError(
    'ERR_LOG_KEY_INVALID',
    `the log goes on with the key ${shortKey(current)} alone, and ${path ?? 'the signer'} has ${shortKey(signer.verifierKey)}. Nothing was written. Give the signer of that key: ${current}`,
    { place: path === null ? {} : { file: path } },
  )
}

function keyGone(path: string, { current }: KeyHistory): AuditLogError {
  const which = current === null ? '' : ` (${shortKey(current)})`
  return new AuditLogError(
    'ERR_LOG_KEY_INVALID',
    `the key ${path}${which} is gone. A log is not continued with another key: restore the file, or begin a new log in another directory.`,
    { place: { file: path } },
  )
}

function cosignersFor(
  keys: KeyHistory,
  signer: Signer,
  cosigners: readonly Signer[] | undefined,
): readonly Signer[] {
  if (cosigners === undefined && keys.cosigners.length > 0) {
    const names = keys.cosigners.map(shortKey).join(', ')
    throw refused(
      `the log has further signatures, of ${names}, and no cosigners were given. Give them, or "cosigners: []" to go on without`,
    )
  }
  const past = [...keys.dropped, ...keys.retired.map(({ vkey }) => vkey), signer.verifierKey]
  for (const { verifierKey } of cosigners ?? []) {
    // One key, one range: whoever trusts it must not be asked for signatures of a time when it was away.
    if (past.includes(verifierKey))
      throw refused(
        `the key ${shortKey(verifierKey)} signs this log already, or did so once. Make another cosigner`,
      )
  }
  return cosigners ?? []
}

/**
 * Refuses a key that a log cannot be handed over to: named for another log, known to it already, or without the private
 * key that its verifier key speaks of. Nothing is lost by asking.
 *
 * @throws AuditLogError `ERR_LOG_KEY_INVALID`, `ERR_LOG_SIGNATURE_INVALID`, or what the signer threw
 */
export async function checkSuccessor(next: Signer, keys: KeyHistory, origin: string): Promise<void> {
  if (next.name !== origin)
    throw refused(`the next key is named "${next.name}", and must be named like the log, "${origin}"`)
  const problem = keys.wrongWith(keys.current ?? '', next.verifierKey)
  if (problem !== null) throw refused(problem)
  // The head of an empty log agrees with every other: it proves the key, and says nothing that could be used.
  await signNote(checkpointText({ origin, size: 0, root: emptyRoot() }), [next])
}

function refused(problem: string): AuditLogError {
  return new AuditLogError('ERR_LOG_KEY_INVALID', `${problem}. Nothing was written.`)
}
