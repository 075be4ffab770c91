import { type SnapshotLimits, SnapshotWriter } from './snapshot-writer'

export type { SnapshotLimits } from './snapshot-writer'

/** Facts that stand for an argument that cannot be copied. */
export interface LiveFacts {
  readonly index: number
  readonly facts: unknown
}

/**
 * Copies an argument list into canonical JSON text (RFC 8785), in one pass over the caller's values. The text is the
 * snapshot: what is digested is what is shown and what runs (I2), even where a proxy tells something else at each look.
 * The encoding is injective: different values give different texts.
 *
 * | value | encoded as |
 * | --- | --- |
 * | null, boolean, string, finite number, list, plain object | itself |
 * | `undefined` | `{"$type":"undefined"}` |
 * | `NaN`, `±Infinity`, `-0` | `{"$type":"number","value":"NaN"}` |
 * | bigint | `{"$type":"bigint","value":"12"}` |
 * | `Date` | `{"$type":"date","value":"2026-01-01T00:00:00.000Z"}` |
 * | `URL` | `{"$type":"url","value":"https://example.com/"}` |
 * | `Map`, `Set` | `{"$type":"map","value":[[key,value]]}`, `{"$type":"set","value":[…]}`, in insertion order |
 * | typed array, `DataView`, `ArrayBuffer`, `Buffer` | `{"$type":"bytes","value":"<base64>","view":"Uint8Array"}` |
 * | a plain object with a key `$type` | `{"$type":"object","value":{…}}` |
 * | a live argument | `{"$type":"live","value":<its facts>}` |
 *
 * A plain object keeps no order of its keys, and is restored with `Object.prototype` even if it had none. An instance with
 * `toJSON` is copied as what that returns, and the function gets that. Everything else is refused: functions, symbols,
 * other instances, subclasses of the built-ins above, errors, getters, hidden properties, cycles, holes in lists,
 * visible properties on lists, properties on built-ins, invalid dates, lone surrogates, and keys named `__proto__`. No getter
 * of an object is run.
 *
 * @throws ArgumentsUnsupportedError `ERR_ARGUMENTS_UNSUPPORTED` naming the path of what cannot be copied faithfully, or is too
 *   deep, too large or too much (T50)
 */
export function snapshotArguments(
  args: readonly unknown[],
  options: { readonly limits?: SnapshotLimits; readonly live?: readonly LiveFacts[] } = {},
): string {
  const { limits, live } = options
  return new SnapshotWriter(limits).whole((writer) => {
    let text = '['
    for (let index = 0; index < args.length; index += 1) {
      const facts = live?.find((one) => one.index === index)
      const encoded = writer.member(index, facts === undefined ? args[index] : facts.facts, 0)
      const argument = facts === undefined ? encoded : `{"$type":"live","value":${encoded}}`
      text += index === 0 ? argument : `,${argument}`
    }
    return `${text}]`
  })
}

/**
 * Encodes one value the same way: a result, for its digest.
 *
 * @throws ArgumentsUnsupportedError `ERR_ARGUMENTS_UNSUPPORTED`
 */
export function encodeValue(value: unknown, limits?: SnapshotLimits): string {
  return new SnapshotWriter(limits).whole((writer) => writer.write(value, 0))
}
