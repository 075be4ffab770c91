import { say } from './say'

/** Shows the buttons that copy something, where the browser can. */
export function offerCopying(): void {
  if (navigator.clipboard === undefined) return
  for (const button of document.querySelectorAll<HTMLButtonElement>('[data-copy]')) {
    button.hidden = false
    button.addEventListener('click', () => void copy(button))
  }
}

async function copy(button: HTMLButtonElement): Promise<void> {
  const text = document.getElementById(button.dataset.copy ?? '')?.textContent ?? ''
  try {
    await navigator.clipboard.writeText(text)
    say('Copied.')
    button.textContent = 'Copied'
  } catch {
    say('It could not be copied.')
    button.textContent = 'Not copied'
  }
}
