/** What a write knows of the transaction it is in. */
export interface Transaction {
  /** The store's time, asked within the transaction (T49). */
  readonly now: number
  /** The number of this transaction among those that changed requests. */
  change(): number
  /** A request that others may wait for was changed: its id, as its column holds it. */
  changed(id: string): void
}

/**
 * A write that no engine may ask for. Thrown within a transaction, and turned into the family's error by whoever asked:
 * writes may run in a thread that has none of it.
 */
export class Refused extends Error {
  /** What it is about, as its column holds it. */
  readonly subject: string

  constructor(subject: string, problem: string) {
    super(problem)
    this.name = 'Refused'
    this.subject = subject
  }
}
