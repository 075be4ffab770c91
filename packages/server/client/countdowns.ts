import { readAgain } from './live'

const SOON_MS = 300_000
const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
] as const

/** When each deadline is, by this page's own steady clock: the clock of the computer may be wrong. */
const deadlines = new WeakMap<Element, number>()

/** Counts every deadline on the page down, once a second. */
export function startCountdowns(): void {
  tick()
  setInterval(tick, 1_000)
}

function tick(): void {
  for (const element of document.querySelectorAll<HTMLElement>('[data-left]')) {
    const at = deadlines.get(element) ?? performance.now() + Number(element.dataset.left)
    const isNew = !deadlines.has(element)
    deadlines.set(element, at)
    const left = at - performance.now()
    element.classList.toggle('soon', left < SOON_MS)
    if (left > 0) {
      element.textContent = `${inWords(left)} left`
      continue
    }
    if (element.textContent === 'Time is up' && !isNew) continue
    element.textContent = 'Time is up'
    // The server says what became of it; soon after, for its clock is another.
    setTimeout(readAgain, 1_500)
  }
}

/** The two largest units, as the server writes them. */
function inWords(ms: number): string {
  let left = ms
  const parts: string[] = []
  for (const [unit, size] of UNITS) {
    const count = Math.floor(left / size)
    left -= count * size
    if (count > 0) parts.push(`${count}${unit}`)
    else if (parts.length > 0) break
  }
  return parts.slice(0, 2).join(' ') || '0s'
}
