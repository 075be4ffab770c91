/** What a spreadsheet takes for the beginning of a formula; full-width forms count too, for some of them. */
const FORMULA = /^[=+\-@\t\r\n'＝＋－＠]/

/**
 * One cell of a CSV, quoted as RFC 4180 asks. A cell that a spreadsheet would take for a formula gets an apostrophe before
 * it, and so does one that begins with an apostrophe: take one away, and every cell is as it was.
 *
 * @param raw - what the text was before it was made visible
 */
export function csvCell(text: string, raw = text): string {
  const inert = FORMULA.test(raw) || FORMULA.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(inert) ? `"${inert.replaceAll('"', '""')}"` : inert
}
