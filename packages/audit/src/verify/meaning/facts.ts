/** Readers for the data of events. It came from bytes: each gives `null`, or an empty list, for what is of another kind. */
export const textOf = (value: unknown): string | null => (typeof value === 'string' ? value : null)
export const numberOf = (value: unknown): number | null => (typeof value === 'number' ? value : null)
export const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

/** The members of a JSON object; of anything else, none. */
export function objectOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : {}
}

/** Somebody named in an event, as one text: equal for equal pairs of issuer and subject, different for different ones. */
export function personOf(value: unknown): string | null {
  const { issuer, subject } = objectOf(value)
  return typeof issuer === 'string' && typeof subject === 'string' ? JSON.stringify([issuer, subject]) : null
}

/** With its length looked at apart: counting to 64 makes the pattern slower. */
const HEX = /^[0-9a-f]+$/

/** A SHA-256 in lower-case hex. */
export function digestOf(value: unknown): string | null {
  return typeof value === 'string' && value.length === 64 && HEX.test(value) ? value : null
}

/** The stages that a vote states, as `[index of the requirement, index of the stage]`; `null` for any other form. */
export function stagesOf(value: unknown): readonly (readonly [number, number])[] | null {
  if (!Array.isArray(value)) return null
  const pairs: [number, number][] = []
  for (const pair of value) {
    const [requirement, stage] = listOf(pair)
    if (!isIndex(requirement) || !isIndex(stage)) return null
    pairs.push([requirement, stage])
  }
  return pairs
}

function isIndex(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}
