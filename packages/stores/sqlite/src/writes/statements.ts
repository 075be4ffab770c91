import type { Statement, WritingConnection } from '../database/connection'

/** Prepares statements ahead: work within a transaction waits for nothing. */
export async function prepareAll<Name extends string>(
  database: WritingConnection,
  texts: Readonly<Record<Name, string>>,
): Promise<Readonly<Record<Name, Statement>>> {
  const prepared: Partial<Record<Name, Statement>> = {}
  for (const name of Object.keys(texts) as Name[]) prepared[name] = await database.prepare(texts[name])
  return prepared as Record<Name, Statement>
}
