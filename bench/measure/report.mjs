// A row runs in a process of its own: what it is told comes in as one JSON argument, what it found goes out as one message.

/**
 * What the row was told: `{ quick: boolean, ... }`.
 *
 * @returns {Record<string, any>}
 */
export function told() {
  return JSON.parse(process.argv[2] ?? '{}')
}

/** Hands the row's findings to the command and ends the process, whatever still waits in it. */
export function report(findings) {
  if (process.send === undefined) {
    console.log(JSON.stringify(findings, null, 2))
    process.exit(0)
  }
  process.send(findings, () => process.exit(0))
}
