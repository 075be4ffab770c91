// Arguments of a stated size, different at each call, so that nothing that remembers a value is measured instead of the work.

const WORDS = 'quarterly export of accounts for the finance team in Lyon '

/**
 * Makes the maker of one call's argument: an object whose JSON text has exactly `bytes` bytes. Its strings, numbers and
 * nesting are those of a tool call; `index` changes the id, an amount and the beginning of the text.
 *
 * @param {100 | 1024} bytes
 * @returns {(index: number) => Record<string, unknown>}
 */
export function argumentsOf(bytes) {
  const shape = bytes < 500 ? small : large
  return (index) => {
    const args = shape(index)
    args.note = fill(bytes - JSON.stringify(args).length, index)
    return args
  }
}

/** The bytes of an argument's JSON text. */
export function bytesOf(args) {
  return Buffer.byteLength(JSON.stringify(args))
}

function small(index) {
  return { id: 1_000_000 + index, to: 'ops@example.com', dryRun: false, note: '' }
}

function large(index) {
  return {
    id: 1_000_000 + index,
    table: 'customers',
    columns: ['id', 'name', 'email', 'city', 'created_at', 'plan', 'balance'],
    where: {
      and: [
        { column: 'city', op: 'in', values: ['Lyon', 'Turin', 'Graz', 'Porto'] },
        { column: 'created_at', op: '>=', value: '2026-01-01T00:00:00Z' },
        { column: 'balance', op: '<', value: 100.25 + (index % 1_000_000) },
      ],
    },
    target: { kind: 's3', bucket: 'exports-eu', prefix: `finance/2026/${index}`, format: 'parquet' },
    options: { compress: true, header: false, limit: null, retries: 3, timeoutMs: 30_000 },
    note: '',
  }
}

function fill(length, index) {
  if (length < 8) throw new Error(`the argument leaves ${length} bytes for its text, and 8 are needed`)
  const start = `#${index} `
  return `${start}${WORDS.repeat(Math.ceil(length / WORDS.length))}`.slice(0, length)
}
