import { join } from 'node:path'
import type { DetachedBody } from '../event'
import { type Files, replaceFile } from './files'

/** Where the data of an event lies that was too large for its entry. */
export function bodyPath(directory: string, digest: string): string {
  return join(directory, 'bodies', `${digest}.json`)
}

/** Resolves when the bodies are durable. */
export async function storeBodies(
  files: Files,
  directory: string,
  bodies: readonly DetachedBody[],
): Promise<void> {
  const different = new Map(bodies.map((body) => [body.digest, body]))
  for (const { digest, bytes } of different.values()) {
    const path = bodyPath(directory, digest)
    // Written anew also where it is there: only then is it known to be on the disk.
    await replaceFile(files, path, bytes, `${path}.new`)
  }
  await files.syncDirectory(join(directory, 'bodies'))
}
