import { AuditLogError } from './errors'
import { realFiles } from './journal/files'
import { recoverLog } from './journal/recover'
import { storedOrigin } from './journal/stored-origin'
import type { TrustedKey } from './note'

/**
 * Every key that a log had, with the tree sizes that each is valid for, as the log's own events tell: what its operator
 * gives to auditors as a trust file (`formatTrust`). The log's own keys come first, the one in use last of them; then
 * those of further signatures. Each handover was signed by the key that it is from, and the newest checkpoint by the key in
 * use; but a log that was made anew with other keys looks the same, so compare them with the key at hand.
 *
 * Reads the whole journal, and changes nothing.
 *
 * @throws AuditLogError `ERR_LOG_DAMAGED` when there is no journal, it is damaged, or nothing in it tells a key
 */
export async function readLogKeys(directory: string): Promise<readonly TrustedKey[]> {
  const origin = storedOrigin(directory)
  if (origin === null) throw new AuditLogError('ERR_LOG_DAMAGED', `${directory} holds no log`)
  const { keys } = await recoverLog(realFiles, directory, origin, ({ current }) => ({
    name: origin,
    verifierKey: current ?? '',
    sign: () => Promise.reject(new Error('nothing is signed here')),
  }))
  const ranges = keys.ranges()
  if (ranges.length === 0)
    throw new AuditLogError('ERR_LOG_DAMAGED', `${directory} holds no log that tells of its key`)
  return ranges
}
