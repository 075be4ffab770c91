/** The calls that run in this process, by request or call id. */
export interface Running {
  add(id: string): void
  delete(id: string): void
  has(id: string): boolean
  /** Resolves once none runs. */
  whenIdle(): Promise<void>
}

/** Makes an empty set of running calls. */
export function createRunning(): Running {
  const ids = new Set<string>()
  let idle: (() => void)[] = []
  return {
    add: (id) => void ids.add(id),
    has: (id) => ids.has(id),
    delete(id) {
      ids.delete(id)
      if (ids.size > 0 || idle.length === 0) return
      const listeners = idle
      idle = []
      for (const listener of listeners) listener()
    },
    whenIdle: () => (ids.size === 0 ? Promise.resolve() : new Promise((resolve) => idle.push(resolve))),
  }
}
