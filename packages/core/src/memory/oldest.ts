import { takeOldest } from '../values/kept'

/** A set that gives away what was added first. */
export interface Oldest<T> {
  /** Adds a member. One that is there already stays where it is. */
  add(member: T): void
  delete(member: T): void
  readonly size: number
  /** Takes the oldest member out. `undefined` when there is none. */
  take(): T | undefined
}

/** Makes an empty one. */
export function createOldest<T>(): Oldest<T> {
  const members = new Set<T>()
  return {
    add: (member) => void members.add(member),
    delete: (member) => void members.delete(member),
    get size() {
      return members.size
    },
    take: () => takeOldest(members),
  }
}
