import { join } from 'node:path'
import { AuditLogError } from '../errors'
import { errorCode, type Files, replaceFile } from './files'
import type { LogCut, RecoveredLog } from './recover'

/** Where cuts stand that no event of the log speaks of yet. */
function recordPath(directory: string): string {
  return join(directory, 'cut')
}

/**
 * Cuts what {@link recoverLog} found to be cut, and answers with every cut that the log has no event of yet. What will be
 * cut is written down before it is, so that a crash in between hides nothing.
 */
export async function makeCut(
  files: Files,
  directory: string,
  { cut, segments }: Pick<RecoveredLog, 'cut' | 'segments'>,
): Promise<readonly LogCut[]> {
  const path = recordPath(directory)
  const earlier = parseRecord(await files.read(path), path)
  if (cut === null) return earlier
  const cuts = [...earlier.filter((one) => !isSame(one, cut)), cut]
  await replaceFile(files, path, Buffer.from(JSON.stringify(cuts)), `${path}.new`)
  await files.syncDirectory(directory)
  const last = segments.at(-1)
  if (last === undefined) return cuts
  const file = await files.open(last.path, 'append')
  try {
    await file.truncate(cut.offset)
    await file.datasync()
  } finally {
    await file.close()
  }
  return cuts
}

/** To be called when the log has an event of each cut. */
export async function forgetCuts(files: Files, directory: string): Promise<void> {
  await files.unlink(recordPath(directory))
}

function isSame(one: LogCut, other: LogCut): boolean {
  return one.file === other.file && one.offset === other.offset && one.bytes === other.bytes
}

function parseRecord(bytes: Buffer | null, path: string): readonly LogCut[] {
  if (bytes === null) return []
  try {
    const cuts = JSON.parse(bytes.toString()) as readonly LogCut[]
    return cuts.map(({ file, offset, bytes: length }) => ({
      file: `${file}`,
      offset: +offset,
      bytes: +length,
    }))
  } catch (cause) {
    throw new AuditLogError(
      'ERR_LOG_DAMAGED',
      `${path}: this is no record of cuts (${errorCode(cause) ?? 'JSON'})`,
      {
        place: { file: path },
        cause,
      },
    )
  }
}
