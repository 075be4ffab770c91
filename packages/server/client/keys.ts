const OFF = 'gatewright-keys-off'

/**
 * Keys for people who decide a lot. None of them votes: they move the focus, and what has it is pressed with Enter, as
 * always. They can be turned off, for people whose speech or hands press keys by accident (WCAG 2.1.4).
 */
export function startKeys(): void {
  const dialog = document.getElementById('keys')
  if (!(dialog instanceof HTMLDialogElement)) return
  const help = document.querySelector<HTMLButtonElement>('[data-help]')
  const checkbox = dialog.querySelector<HTMLInputElement>('[data-keys-on]')
  if (help === null || checkbox === null) return
  help.hidden = false
  help.addEventListener('click', () => dialog.showModal())
  checkbox.checked = areOn()
  checkbox.addEventListener('change', () => turn(checkbox.checked))

  document.addEventListener('keydown', (event) => {
    if (
      event.ctrlKey ||
      event.metaKey ||
      event.altKey ||
      event.repeat ||
      isWriting(event.target) ||
      dialog.open
    )
      return
    if (!areOn()) return
    if (!act(event.key, dialog)) return
    event.preventDefault()
  })
}

function act(key: string, dialog: HTMLDialogElement): boolean {
  switch (key) {
    case 'j':
      return step(1)
    case 'k':
      return step(-1)
    case 'a':
      return focusOn(document.querySelector<HTMLElement>('[data-key="a"]'))
    case 'r':
      return focusOn(document.querySelector<HTMLElement>('[data-vote] textarea[name="note"]'))
    case 'e': {
      const link = document.querySelector<HTMLAnchorElement>('[data-key="e"]')
      link?.click()
      return link !== null
    }
    case '?':
      dialog.showModal()
      return true
    default:
      return false
  }
}

function step(by: number): boolean {
  const links = [...document.querySelectorAll<HTMLElement>('[data-row] a')]
  if (links.length === 0) return false
  const at = links.indexOf(document.activeElement as HTMLElement)
  const next = at === -1 ? (by > 0 ? 0 : links.length - 1) : at + by
  return focusOn(links[Math.min(links.length - 1, Math.max(0, next))] ?? null)
}

function focusOn(element: HTMLElement | null): boolean {
  element?.focus()
  element?.scrollIntoView({ block: 'nearest' })
  return element !== null
}

function isWriting(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement && target.closest('input, textarea, select, [contenteditable]') !== null
  )
}

function areOn(): boolean {
  try {
    return localStorage.getItem(OFF) === null
  } catch {
    return true
  }
}

function turn(on: boolean): void {
  try {
    if (on) localStorage.removeItem(OFF)
    else localStorage.setItem(OFF, '1')
  } catch {
    // Without storage they stay as they are.
  }
}
