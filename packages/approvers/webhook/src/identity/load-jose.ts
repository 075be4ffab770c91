let loading: Promise<typeof import('jose')> | undefined

/** Loaded when the first decision comes: programs that only ask do not carry it. */
export function loadJose(): Promise<typeof import('jose')> {
  loading ??= import('jose')
  return loading
}
