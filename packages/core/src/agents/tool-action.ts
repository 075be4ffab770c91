/**
 * The action of a tool that has none of its own: `deleteUser` is `tool.delete_user`. A rule for all of them is
 * `when('tool.*')`. Names that differ in capitals or in other characters only come to the same action.
 */
export function toolAction(tool: string): string {
  const name = tool
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .replace(/[^a-z0-9_-]+/g, '_')
  return `tool.${name}`
}
