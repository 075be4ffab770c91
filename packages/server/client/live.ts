import { say } from './say'

/** Pages of many people must not read again in one instant. */
const SPREAD_MS = 600
const SOON_MS = 150
/** A hint can be lost, and a stream may not be had at all: so a page also reads by itself, while somebody looks at it. */
const SELDOM_MS = 60_000

let waiting: number | undefined

/** Follows the requests on the page as they move. */
export function startLive(): void {
  const { events } = document.body.dataset
  if (events === undefined || document.querySelector('[data-live]') === null) return
  const own = document.querySelector<HTMLElement>('[data-request]')?.dataset.request
  const source = new EventSource(events)
  // What moved before the stream was open, or while it was cut, was told to nobody.
  source.addEventListener('hello', soon)
  source.addEventListener('all', soon)
  source.addEventListener('moved', (event) => {
    const ids: readonly string[] = JSON.parse(event.data)
    if (own === undefined || ids.includes(own)) soon()
  })
  setInterval(() => {
    if (document.visibilityState === 'visible') soon()
  }, SELDOM_MS)
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') soon()
  })
}

/** Reads the page again, a moment from now. */
function soon(): void {
  waiting ??= setTimeout(readAgain, SOON_MS + Math.random() * SPREAD_MS)
}

/** Reads the page again and puts what is new in its place, without touching what somebody writes. */
export async function readAgain(): Promise<void> {
  clearTimeout(waiting)
  waiting = undefined
  const fresh = await load()
  if (fresh === null) return
  const request = document.querySelector<HTMLElement>('[data-request]')
  const next = fresh.querySelector<HTMLElement>('[data-request]')
  const changed = request !== null && next !== null && request.dataset.digest !== next.dataset.digest
  const ended = request?.dataset.status !== next?.dataset.status
  for (const region of document.querySelectorAll<HTMLElement>('[data-live]')) {
    const name = region.dataset.live ?? ''
    const replacement = fresh.querySelector(`[data-live="${CSS.escape(name)}"]`)
    if (replacement === null || same(region, replacement)) continue
    // Somebody may be writing a note, and votes on what they were shown: the form stays until it is of no more use.
    if (name === 'decision' && !ended && region.querySelector('[data-vote]') !== null) continue
    replaceKeepingFocus(region, replacement)
  }
  if (request === null || next === null) return say('The list was updated.')
  if (ended) {
    request.dataset.status = next.dataset.status
    say(`This request is now ${next.dataset.status}.`)
  }
  if (changed && !ended) {
    const warning = document.getElementById('changed')
    if (warning !== null) warning.hidden = false
  }
}

async function load(): Promise<Document | null> {
  try {
    const response = await fetch(location.href, { headers: { Accept: 'text/html' }, redirect: 'manual' })
    // Signed out, or gone: what is shown stays, and the next click tells.
    if (!response.ok) return null
    return new DOMParser().parseFromString(await response.text(), 'text/html')
  } catch {
    return null
  }
}

/** Equal but for what the clock alone changes. */
function same(one: Element, other: Element): boolean {
  return textOf(one) === textOf(other)
}

function textOf(element: Element): string {
  const copy = element.cloneNode(true) as Element
  for (const time of copy.querySelectorAll('time')) time.replaceWith(time.getAttribute('datetime') ?? '')
  return copy.innerHTML
}

function replaceKeepingFocus(region: Element, replacement: Element): void {
  const focused = region.contains(document.activeElement) ? document.activeElement : null
  const address = focused?.getAttribute('href')
  region.replaceWith(replacement)
  if (focused === null) return
  const again =
    address == null ? null : replacement.querySelector<HTMLElement>(`[href="${CSS.escape(address)}"]`)
  const place = again ?? document.getElementById('content')
  place?.focus({ preventScroll: true })
}
