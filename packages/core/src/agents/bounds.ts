import { sha256Hex } from '../values/digest'

/** As much of an agent's own words is kept with a request. */
export const MOST_INTENT = 10_000
/** Names of agents and models. */
export const MOST_NAME = 200
/** An id that is longer is known by its digest. */
const MOST_ID = 500

/**
 * The text, cut where it is longer, with a sign that it was. What a model wrote may be a megabyte, and half a character at the
 * cut is taken by no API.
 */
export function cutAt(most: number, text: string): string {
  const cut = text.length > most ? `${text.slice(0, most)}…` : text
  return cut.replace(/\p{Surrogate}/gu, '\ufffd')
}

/** The id, or its digest where it is too long to be kept: the same for the same one, and another for any other. */
export function boundedId(id: string): string {
  return id.length > MOST_ID ? `sha256:${sha256Hex(id)}` : id
}
