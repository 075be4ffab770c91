import { z } from 'zod'

/** Where a message stands. */
export interface Place {
  readonly channel: string
  readonly ts: string
}

const reference = z.array(z.tuple([z.string().max(30), z.string().max(30)])).max(50)

/** Places as they are stored with a delivery: at most 2,000 characters. */
export function writeReference(places: readonly Place[]): string {
  return JSON.stringify(places.map(({ channel, ts }) => [channel, ts]))
}

/** The places of a delivery; none for what this approver did not write. */
export function readReference(text: string | null): readonly Place[] {
  try {
    return reference.parse(JSON.parse(text ?? '')).map(([channel, ts]) => ({ channel, ts }))
  } catch {
    return []
  }
}
