import {
  type ArgumentEdit,
  type Json,
  type Principal,
  type ReviewDocument,
  shownArguments,
} from '@gatewright/core'
import { describeApprover } from '@gatewright/testing/conformance'
import { emulate, FakeInput, FakeOutput } from '../test/bench'
import { consoleApprover } from './console-approver'

const person: Principal = {
  type: 'human',
  issuer: 'os:test',
  subject: '1000:kim',
  name: 'kim',
  groups: ['ops'],
  assurance: { method: 'local' },
}
const ESC = '\u001b'
/** Colours are off: bracketed paste, clearing a line and moving back are all that the approver writes. */
const own = new RegExp(`${ESC}\\[(?:\\?2004[hl]|K|[0-9]+D)`, 'g')

/** What a person writes who wants these changes. */
function written(value: Json, changes: readonly ArgumentEdit[]): Json {
  const root = { value: structuredClone(value) }
  for (const { path, value: wanted, remove } of changes) {
    const steps = ['value', ...path.split('/').slice(1)]
    const last = steps.pop() ?? ''
    const holder = steps.reduce<Record<string, never>>((tree, step) => tree[step] as never, root as never)
    if (remove !== true) Object.assign(holder, { [last]: wanted })
    else if (Array.isArray(holder)) holder.splice(Number(last), 1)
    else delete holder[last]
  }
  return root.value
}

describeApprover('the console', {
  capabilities: {
    forge: false,
    inbound: false,
    seal: false,
    stall: false,
  },
  create({ clock }) {
    const input = new FakeInput()
    const output = new FakeOutput()
    const digests = new Map<string, Set<string>>()
    const shown = new Map<string, ReviewDocument>()
    const inner = consoleApprover({
      input,
      output,
      reviewer: person,
      color: false,
      editor: false,
      width: 200,
    })

    function learn(review: ReviewDocument): void {
      const { requestId, shortDigest } = review
      shown.set(requestId, review)
      digests.set(requestId, (digests.get(requestId) ?? new Set()).add(shortDigest))
    }

    function screen(): string {
      return emulate(output.written)
    }

    function linesOf(requestId: string): string[] {
      const known = [...(digests.get(requestId) ?? [])]
      return screen()
        .split('\n')
        .filter((line) => known.some((digest) => line.includes(digest)))
    }

    async function press(...keys: readonly string[]): Promise<void> {
      for (const key of keys) {
        await clock.advance(400)
        if (input.isRaw) input.emit('data', Buffer.from(key))
        await clock.settle()
      }
    }

    /** Opens a request as a person does: by its number in the list. */
    async function open(requestId: string): Promise<boolean> {
      if (!input.isRaw) return false
      const before = screen().split('\n').length
      await press('l')
      const listed = linesOf(requestId).filter(
        (line) => /^[▸ ] +\d /.test(line) && screen().split('\n').indexOf(line) >= before - 1,
      )
      const number = /\d+/.exec(listed.at(-1) ?? '')?.[0]
      if (number === undefined) return false
      if (listed.at(-1)?.startsWith('▸') !== true) await press(number)
      return true
    }

    return {
      approver: {
        ...inner,
        deliver(review, ...rest) {
          learn(review)
          return inner.deliver(review, ...rest)
        },
        async update(review, ...rest) {
          learn(review)
          await inner.update?.(review, ...rest)
        },
      },
      person,
      see: screen,
      messages: (requestId) => linesOf(requestId).filter((line) => /^(╭─|\+) /.test(line)).length,
      showsApproved: (requestId) => linesOf(requestId).some((line) => /^✔ .*\bapproved\b/.test(line)),
      async approve(requestId) {
        if (!(await open(requestId))) return false
        if (!screen().split('\n').at(-1)?.includes('a approve')) await press('d')
        if (!screen().split('\n').at(-1)?.includes('a approve')) return false
        await press('a')
        return true
      },
      async reject(requestId, reason = '') {
        if (!(await open(requestId))) return false
        await press('r', ...reason, '\r')
        return true
      },
      async edit(requestId, changes) {
        const review = shown.get(requestId)
        if (review === undefined || !(await open(requestId))) return false
        const line = JSON.stringify(written(shownArguments(review.content).value, changes))
        await press('e', '\u0015', ...line, '\r')
        if (!screen().split('\n').at(-1)?.includes('y approve')) return false
        await press('y')
        return true
      },
      live() {
        const rest = output.written.replace(own, '')
        return rest.match(/[^\P{Cc}\r\n]/gu) ?? []
      },
    }
  },
})
