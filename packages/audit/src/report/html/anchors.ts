import type { Decision } from '../../decisions'
import { type Built, part } from './markup'

/** The numbers of the actions that are shown in full, by id. */
export type Anchors = ReadonlyMap<string, number>

/** Numbers actions in the order they are shown. */
export function anchorsOf(shown: readonly Decision[]): Anchors {
  return new Map(shown.map(({ id }, at) => [id, at + 1]))
}

/** A link to an action; its bare id where it is not shown in full. On paper, it says which number to turn to. */
export function actionLink(id: string, anchors: Anchors): Built {
  const number = anchors.get(id)
  return number === undefined
    ? part`<code>${id}</code>`
    : part`<a href="#action-${number.toString()}">No. ${number}</a>`
}
