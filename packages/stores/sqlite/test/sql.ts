import Database from 'libsql'

/** Runs SQL on a file beside the store, as somebody else who has it open would: one statement where there are values. */
export function sql(file: string, text: string, ...values: readonly unknown[]): void {
  const database = new Database(file)
  if (values.length === 0) database.exec(text)
  else database.prepare(text).run(values)
  database.close()
}
