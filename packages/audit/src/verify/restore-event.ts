import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isAuditLogError } from '../errors'
import { bodyReference, chainHash, restoreBody } from '../event'
import type { LoggedEvent } from './meaning/told'
import type { Findings } from './verdict'

/** The event with its data, where that lies beside the log, and the hash over all of it; without one when it does not. */
export function restoreEvent(about: LoggedEvent, directory: string, findings: Findings): LoggedEvent {
  const { index, offset } = about
  const reference = bodyReference(about.event)
  if (reference === null) return about
  const file = `bodies/${reference.body}.json`
  const place = { directory, file, offset, index, eventId: about.event.id }
  let stored: Buffer
  try {
    stored = readFileSync(join(directory, file))
  } catch {
    const message = `the data of ${about.event.id}, kept beside the log, is not there`
    findings.add('error', 'body-missing', message, { ...place, file: about.file })
    return { ...about, hash: null }
  }
  try {
    const event = restoreBody(about.event, stored)
    return { ...about, event, hash: chainHash(event) }
  } catch (error) {
    if (!isAuditLogError(error)) throw error
    findings.add('error', 'body-mismatch', error.message, place)
    return { ...about, hash: null }
  }
}
