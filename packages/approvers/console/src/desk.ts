import type { ApproverHost, Principal, ReviewDocument } from '@gatewright/core'
import { approve, type Choice, type Conversation, edit, reject } from './decisions'
import { createDialogue } from './dialogue'
import { layoutCard } from './layout'
import { type Line, span, wrap } from './line'
import { createNews, type News } from './news'
import { helpLines, listLines, promptLine } from './prompts'
import { createQueue, type Entry } from './queue'
import type { Screen } from './screen'
import { createSeat } from './seat'
import type { Terminal, TerminalEvents } from './terminal'
import { castVote } from './voting'
import { failureLine, stillWait } from './words'

/** What a desk works with. */
export interface DeskOptions {
  readonly host: ApproverHost
  readonly screen: Screen
  /** The keyboard, which tells of `input` and `leave`. */
  readonly terminal: (events: TerminalEvents) => Terminal
  /** Who sits here. More than one in a demo, one of them at a time. */
  readonly people: readonly [Principal, ...Principal[]]
  readonly demo: boolean
  /** Edits a text in an editor on the same terminal; `null`: on one line. */
  readonly editor: ((text: string) => Promise<string>) | null
  /** Does to the process what the key does in other programs. */
  readonly raise: (signal: 'SIGINT' | 'SIGTSTP') => void
}

/** The place where one person works through what waits. */
export interface Desk extends News {
  /** Gives everything back. Idempotent. */
  close(): void
}

/** A card is not laid out wider than this unless asked to. */
const widestCard = 120
/** How long a program that was stopped waits for the signal that it goes on. */
const pauseMs = 1000

/** Shows requests one after the other and takes what the person decides to the gate. */
export function createDesk({ host, screen, people, demo, editor, raise, terminal }: DeskOptions): Desk {
  const { clock } = host
  const queue = createQueue(people)
  const dialogue = createDialogue(screen, clock)
  const seat = createSeat({
    clock,
    screen,
    terminal,
    input: dialogue.input,
    tick: onTick,
    leave,
    signal: onSignal,
  })
  const news = createNews({
    queue,
    active: () => active,
    lent: () => seat.lent,
    say,
    show,
    refresh: () => dialogue.refresh(),
  })
  let person = people[0]
  let active: Entry | null = null
  let introduced = false

  function say(lines: readonly Line[]): void {
    screen.print(lines.flatMap((line) => wrap(line, screen.width())))
  }

  // What is on the screen.

  function show(entry: Entry | null, detailed = false): void {
    active = entry
    if (seat.lent) return
    if (entry === null) rest()
    else present(entry, detailed)
  }

  function present(entry: Entry, detailed: boolean): void {
    introduce()
    seat.take()
    const lines = layoutCard(entry.review, {
      width: Math.min(screen.width(), widestCard),
      now: clock.now(),
      position: queue.position(entry),
      detailed,
    })
    const tall = lines.length >= (screen.height() ?? Number.POSITIVE_INFINITY)
    const note = tall ? [[span(`↑ ${lines.length} lines: scroll up to read them all`, 'warning')]] : []
    screen.print([[], ...lines, ...note])
    takeKeys()
  }

  function introduce(): void {
    if (!demo || introduced) return
    introduced = true
    const names = people.map(({ name }) => name).join(' or ')
    say([[span(' demo ', 'alarm'), span(` Nobody is verified: you act as ${names} (u switches).`)]])
  }

  function takeKeys(): void {
    dialogue.keys(prompt, press)
  }

  function prompt(): Line {
    if (active === null) return []
    const { complete, progress } = active.review
    return promptLine({
      left: progress.expiresAt - clock.now(),
      waiting: queue.size,
      actor: demo ? person.name : null,
      complete,
      width: screen.width() - 1,
    })
  }

  /** Nothing can be decided here now: the terminal is the program's again. */
  function rest(): void {
    giveBack()
    if (queue.size > 0) say([[span(`… ${stillWait(queue.size)} for other people.`, 'dim')]])
  }

  function giveBack(): void {
    active = null
    dialogue.idle()
    seat.giveBack()
  }

  /** The person goes; what waits goes on waiting. */
  function leave(): void {
    if (!seat.taken) return
    const voting = queue.entries().some((entry) => entry.voting !== null)
    giveBack()
    const what = voting ? 'Your vote is on its way' : 'Nothing was decided'
    if (queue.size > 0) say([[span(`${what}; ${stillWait(queue.size)}.`)]])
  }

  function onSignal(signal: 'SIGINT' | 'SIGTSTP'): void {
    if (signal === 'SIGINT') leave()
    else pause()
    raise(signal)
  }

  /** Ctrl-Z: the terminal goes back as it was, and the card is shown again when the program goes on. */
  function pause(): void {
    const entry = active
    giveBack()
    // With the keyboard given back nothing else may keep the process alive until it is told to go on.
    const alive = clock.setTimer(pauseMs, () => {})
    process.once('SIGCONT', () => {
      alive.cancel()
      if (active !== null) return
      show(entry !== null && queue.entries().includes(entry) ? entry : queue.following(null))
    })
  }

  function onTick(): void {
    dialogue.refresh()
    const now = clock.now()
    for (const entry of queue.entries()) {
      if (entry.review.progress.expiresAt <= now) void refresh(entry)
    }
  }

  // What the person does.

  const meanings: Readonly<Record<string, (entry: Entry) => void>> = {
    a: (entry) => talk(entry, approve),
    r: (entry) => talk(entry, reject),
    e: (entry) => talk(entry, edit),
    d: (entry) => void details(entry),
    s: skip,
    l: (entry) => say(listLines(queue.entries(), entry, clock.now())),
    u: switchPerson,
    q: leave,
    '?': () => say(helpLines(person, demo, editor !== null)),
  }

  function press(key: string): void {
    if (active === null) return
    const chosen = /^[1-9]$/.test(key) ? queue.entries()[Number(key) - 1] : undefined
    if (chosen === undefined) meanings[key]?.(active)
    else if (chosen !== active) show(chosen)
  }

  function skip(entry: Entry): void {
    const next = queue.following(entry)
    if (next === null || next === entry) say([[span('• Nothing else waits.')]])
    else show(next)
  }

  function switchPerson(): void {
    if (!demo) return
    person = people[(people.indexOf(person) + 1) % people.length] ?? people[0]
    dialogue.refresh()
  }

  async function details(entry: Entry): Promise<void> {
    dialogue.busy([span('…', 'dim')])
    const review = await host.get(entry.review.requestId).catch(() => null)
    if (active !== entry) return
    if (review?.progress.status === 'pending') queue.keep(entry, review)
    show(entry, true)
  }

  function talk(entry: Entry, about: (talk: Conversation) => Promise<Choice | null>): void {
    void converse(entry, about).catch((error: unknown) => {
      say([failureLine('Something failed, nothing was decided', error)])
      if (active === entry) takeKeys()
    })
  }

  async function converse(
    entry: Entry,
    about: (talk: Conversation) => Promise<Choice | null>,
  ): Promise<void> {
    const { review } = entry
    // T38: while we talk the request may be decided elsewhere, or become another document.
    const current = (): boolean => active === entry && entry.review.digest === review.digest
    const choice = await about({
      review,
      width: screen.width(),
      say: (lines) => {
        if (current()) say(lines)
      },
      ask: async (label, initial) => (current() ? dialogue.ask(label, initial) : null),
      choose: async (question, allowed) => (current() ? dialogue.choose(question, allowed) : null),
      editor: editor === null ? null : (text) => openEditor(current, () => editor(text)),
    })
    if (!current()) return
    if (choice === null) takeKeys()
    else await cast(entry, review, choice)
  }

  async function openEditor(current: () => boolean, open: () => Promise<string>): Promise<string> {
    dialogue.idle()
    try {
      return await seat.lend(open)
    } finally {
      if (!current()) {
        say([[span('• Your edit was not used.')]])
        show(active ?? queue.following(null))
      }
    }
  }

  // Votes.

  async function cast(entry: Entry, review: ReviewDocument, choice: Choice): Promise<void> {
    const answer = await castVote(
      { host, queue, dialogue, say, change: news.change },
      entry,
      review,
      person,
      choice,
    )
    if (active !== entry) return
    if (answer.status === 'refused' && answer.reason === 'note-needed') await askNote(entry, choice)
    else if (queue.get(review.requestId) !== entry || !queue.canAct(entry)) show(queue.following(null))
    else {
      const next = people.find((one) => !entry.voted.has(one))
      if (entry.voted.has(person) && next !== undefined) {
        say([[span('  Press '), span('u', 'key'), span(` to act as ${next.name}.`)]])
      }
      takeKeys()
    }
  }

  async function askNote(entry: Entry, choice: Choice): Promise<void> {
    const { review } = entry
    const note = await dialogue.ask([span('Why', 'strong'), span(' (Esc goes back): ')])
    if (active !== entry || entry.review.digest !== review.digest) return
    if (note === null || note.trim() === '') takeKeys()
    else await cast(entry, review, { ...choice, note: note.trim() })
  }

  async function refresh(entry: Entry): Promise<void> {
    const review = await host.get(entry.review.requestId).catch(() => null)
    if (review !== null && queue.get(entry.review.requestId) === entry) news.change(review)
  }

  return {
    add: news.add,
    change: news.change,
    close() {
      giveBack()
      if (queue.size > 0) say([[span(`Nothing more is asked here; ${stillWait(queue.size)}.`)]])
      queue.clear()
      screen.close()
    },
  }
}
