/** Tells people who listen to the page what changed on it. */
export function say(text: string): void {
  const said = document.getElementById('said')
  if (said !== null) said.textContent = text
}
