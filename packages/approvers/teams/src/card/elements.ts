import { visiblePieces } from '@gatewright/core/review'

/** A run of text that no client reads as markup: `TextRun` knows no Markdown, no mentions and no HTML (T15). */
export interface TextRun {
  readonly type: 'TextRun'
  readonly text: string
  readonly weight?: 'Bolder'
  readonly size?: 'Large'
  readonly color?: 'Good' | 'Attention' | 'Warning' | 'Accent'
  readonly fontType?: 'Monospace'
  readonly isSubtle?: true
  readonly selectAction?: OpenUrlAction
}

/** One paragraph. */
export interface RichTextBlock {
  readonly type: 'RichTextBlock'
  readonly inlines: readonly TextRun[]
  readonly spacing?: 'None' | 'Small' | 'Medium'
}

/** Elements on a ground of their own. */
export interface Container {
  readonly type: 'Container'
  readonly style: 'emphasis' | 'accent' | 'good' | 'attention' | 'warning'
  readonly items: readonly RichTextBlock[]
  readonly spacing?: 'Small'
}

/** Where a reason is written. */
export interface TextInput {
  readonly type: 'Input.Text'
  readonly id: string
  readonly label: string
  readonly isMultiline: true
  readonly maxLength: number
  readonly isRequired?: true
  readonly errorMessage?: string
}

/** Opens an address. */
export interface OpenUrlAction {
  readonly type: 'Action.OpenUrl'
  readonly title?: string
  readonly url: string
}

/** Sends what was pressed to the bot, which answers with a card. */
export interface ExecuteAction {
  readonly type: 'Action.Execute'
  readonly title: string
  readonly verb: string
  readonly data: object
  readonly style?: 'positive' | 'destructive'
  /** What clients show that know no `Action.Execute`. */
  readonly fallback:
    | 'drop'
    | { readonly type: 'Action.Submit'; readonly title: string; readonly data: object }
}

/** Opens a card below the buttons. */
export interface ShowCardAction {
  readonly type: 'Action.ShowCard'
  readonly title: string
  readonly style?: 'positive' | 'destructive'
  readonly card: {
    readonly type: 'AdaptiveCard'
    readonly body: readonly CardElement[]
    readonly actions: readonly ExecuteAction[]
  }
}

export type CardElement = RichTextBlock | Container | TextInput
export type CardAction = OpenUrlAction | ExecuteAction | ShowCardAction

/** An Adaptive Card 1.5, in the parts that are used here. */
export interface AdaptiveCard {
  readonly $schema: 'http://adaptivecards.io/schemas/adaptive-card.json'
  readonly type: 'AdaptiveCard'
  readonly version: '1.5'
  /** Shown by clients that know no such cards. */
  readonly fallbackText: string
  readonly refresh?: { readonly action: ExecuteAction; readonly userIds?: readonly string[] }
  readonly body: readonly CardElement[]
  readonly actions?: readonly CardAction[]
  readonly msteams: { readonly width: 'Full' }
}

type Style = Omit<TextRun, 'type' | 'text'>

/**
 * A text as runs. Teams fills `{{DATE(…)}}` and `{{TIME(…)}}` in within one run: no run has two braces in a row, so that
 * nobody's text is replaced by a date. Rows of spaces are kept with no-break spaces, which HTML would show as one.
 */
export function runs(text: string, style: Style = {}): readonly TextRun[] {
  const spaced = text
    .replaceAll('\t', '    ')
    .replace(/ {2,}/g, (spaces) => `${'\u00A0'.repeat(spaces.length - 1)} `)
  return (spaced === '' ? ' ' : withBreaks(spaced))
    .split(/(?<=\{)(?=\{)/)
    .map((part) => ({ type: 'TextRun', text: part, ...style }))
}

const MOST_WORD = 44
/** What has no place to break a line: all but spaces, and scripts that are written without them. */
const LONG_WORD = /[^ \p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]{45,}/gu
/** In brackets that no shown text can have. */
const BREAK = '⟦↩⟧'

/**
 * A word that is longer than a line runs out of the card and is cut there, unseen (T13): so it is broken, and where it is can
 * be seen.
 */
function withBreaks(text: string): string {
  return text.replace(LONG_WORD, (word) => visiblePieces(word, MOST_WORD).join(`${BREAK} `))
}

/** At most so many characters, and a mark where something is left out; for places whose text also stands elsewhere in full. */
export function shortened(text: string, most: number): string {
  const flat = text.replace(/\s+/g, ' ')
  if (flat.length <= most) return flat
  const [first = ''] = visiblePieces(flat, most - 1)
  return `${first}…`
}

/** A paragraph of runs. */
export function paragraph(...inlines: readonly TextRun[]): RichTextBlock {
  return { type: 'RichTextBlock', inlines, spacing: 'Small' }
}

/** A link of ours, shown as the beginning of the address it leads to. */
export function address(url: string): TextRun {
  return {
    type: 'TextRun',
    text: shortened(url, MOST_WORD),
    color: 'Accent',
    selectAction: { type: 'Action.OpenUrl', url },
  }
}

const MOST_LINK = 1_000

/** Whether a link can stand in a card: an address of the web that leaves room for the rest. */
export function isAddress(link: string | null): link is string {
  return link !== null && /^https?:\/\//.test(link) && link.length <= MOST_LINK
}

/** How many bytes something is in a message. */
export function bytesOf(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value))
}
