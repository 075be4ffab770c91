/** A number as people read it. */
export function count(number) {
  return number.toLocaleString('en-US')
}
