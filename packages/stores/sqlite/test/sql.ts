import Database from 'libsql'

/** Runs SQL on a file beside the store, as somebody else who has it open would: one statement where there are values. */
export function sql(file: string, text: string, ...values: readonly unknown[]): void {
  const database = new Database(file)
  if (values.length === 0) database.exec(text)
  else database.prepare(text).run(values)
  database.close()
}

/** Rows of a file, as lists. */
export function rows(file: string, text: string): readonly unknown[] {
  const database = new Database(file)
  const found = database.prepare(text).raw().all()
  database.close()
  return found
}
