import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { FieldOpening } from '@gatewright/core'
import { type OpeningLine, openingsFile, parseOpenings } from './opening-line'

/** Reads what lies beside a log, a file at a time: for readers that go through a log in order. */
export class OpeningsReader {
  readonly #directory: string
  /** Whether there is anything to read. */
  readonly given: boolean
  #file: { readonly name: string; readonly lines: ReadonlyMap<number, readonly OpeningLine[]> } | null = null

  /**
   * @param directory - `null`: nothing is to be disclosed
   * @param onUnreadable - told of lines that are no openings
   */
  constructor(
    directory: string | null,
    private readonly onUnreadable: (file: string, count: number) => void = () => {},
  ) {
    this.#directory = directory ?? ''
    this.given = directory !== null && existsSync(join(directory, 'openings'))
  }

  /** The opening of one field of the entry at `index`; `null` when it is not there. */
  at(index: number, pointer: string): OpeningLine | null {
    return this.#lines(index).find((line) => line.pointer === pointer) ?? null
  }

  /** All openings of the entry at `index`. */
  of(index: number): readonly FieldOpening[] {
    return this.#lines(index).map(({ pointer, salt, value }) => ({ pointer, salt, value }))
  }

  #lines(index: number): readonly OpeningLine[] {
    const name = openingsFile(index)
    if (this.#file?.name !== name) this.#file = { name, lines: this.#read(name) }
    return this.#file.lines.get(index) ?? []
  }

  #read(name: string): ReadonlyMap<number, readonly OpeningLine[]> {
    const { lines, unreadable } = parseOpenings(this.#text(name))
    if (unreadable > 0) this.onUnreadable(name, unreadable)
    const byIndex = new Map<number, OpeningLine[]>()
    for (const line of lines) {
      const others = byIndex.get(line.index)
      if (others === undefined) byIndex.set(line.index, [line])
      else others.push(line)
    }
    return byIndex
  }

  #text(name: string): string {
    if (!this.given) return ''
    try {
      return readFileSync(join(this.#directory, name), 'utf8')
    } catch {
      return ''
    }
  }
}
