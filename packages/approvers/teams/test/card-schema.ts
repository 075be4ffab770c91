import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv } from 'ajv'

const schema = JSON.parse(
  readFileSync(join(import.meta.dirname, 'fixtures/adaptive-card-1.5.0.json'), 'utf8'),
) as Record<string, unknown>
// They name a draft and an address that the validator does not know, and say nothing about cards.
const { $schema: _draft, id: _address, ...rules } = schema
const validate = new Ajv({ strict: false, allErrors: true, logger: false }).compile(rules)

/** What is wrong with a card by the schema of version 1.5 and by what Teams adds to it. Empty: nothing. */
export function problemsOf(card: unknown): readonly string[] {
  if (typeof card !== 'object' || card === null) return ['it is no object']
  const { msteams, ...plain } = card as Record<string, unknown>
  const found: string[] = []
  // The one property that Teams documents beside the schema, in the one form that is used here.
  if (msteams !== undefined && JSON.stringify(msteams) !== '{"width":"Full"}')
    found.push('msteams is unknown')
  if (plain['type'] !== 'AdaptiveCard') found.push('it is no Adaptive Card')
  if (!(Number(plain['version']) <= 1.5)) found.push(`version ${plain['version']} is not shown by Teams`)
  const { userIds = [] } = (plain['refresh'] ?? {}) as { readonly userIds?: readonly unknown[] }
  if (userIds.length > 60) found.push(`${userIds.length} user ids, and at most 60 are taken`)
  for (const element of elementsOf(plain)) {
    if (element['type'] === 'RichTextBlock' && (element['inlines'] as unknown[]).length === 0)
      found.push('an empty block')
    if (element['type'] === 'TextRun' && element['text'] === '') found.push('an empty run')
    if (element['type'] === 'Action.OpenUrl' && !/^https?:\/\//.test(String(element['url'])))
      found.push('a link elsewhere')
    if (String(element['type']).startsWith('Action.') && String(element['title'] ?? '').length > 100)
      found.push('a long title')
  }
  if (!validate(plain))
    found.push(...(validate.errors ?? []).slice(0, 5).map((one) => `${one.instancePath} ${one.message}`))
  return found
}

/** Every object in a card that has a type, in order. */
export function elementsOf(node: unknown): readonly Record<string, unknown>[] {
  if (Array.isArray(node)) return node.flatMap(elementsOf)
  if (typeof node !== 'object' || node === null) return []
  const own = node as Record<string, unknown>
  return [...('type' in own ? [own] : []), ...Object.values(own).flatMap(elementsOf)]
}

/** What a person reads of a card: each block a line, then its buttons. What waits behind a button is not read. */
export function textOf(card: unknown): string {
  const { body = [], actions = [] } = card as {
    readonly body?: readonly unknown[]
    readonly actions?: readonly unknown[]
  }
  const lines = elementsOf(body)
    .filter(({ type }) => type === 'RichTextBlock')
    .map(({ inlines }) => (inlines as readonly { readonly text: string }[]).map(({ text }) => text).join(''))
  const buttons = (actions as readonly { readonly title?: string; readonly url?: string }[]).map(
    ({ title = '', url = '' }) => `[${title}] ${url}`,
  )
  return [...lines, ...buttons].join('\n')
}
