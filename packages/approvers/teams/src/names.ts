/** What is said of a name that is none. */
export const NAME_FORM = 'must be 1 to 64 letters, digits, dots, dashes or underscores'

/** Whether a text can be an approver's name, and a part of an address. */
export function isName(name: unknown): name is string {
  return typeof name === 'string' && /^[\w.-]{1,64}$/.test(name)
}
