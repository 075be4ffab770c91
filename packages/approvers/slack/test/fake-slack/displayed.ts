import type { FakeBlock, FakeButton } from './block-rules'

/** What a person reads in blocks: Slack's own markup is parsed where Slack parses it. */
export function displayed(blocks: readonly FakeBlock[]): string {
  return blocks.map((block) => textsOf(block).join('\n')).join('\n')
}

/** Buttons that can be pressed. */
export function buttonsIn(blocks: readonly FakeBlock[]): readonly FakeButton[] {
  return blocks.flatMap((block) => {
    if (block.type === 'actions') return block.elements
    return block.type === 'section' && block.accessory !== undefined ? [block.accessory] : []
  })
}

function textsOf(block: FakeBlock): readonly string[] {
  switch (block.type) {
    case 'header':
      return [block.text.text]
    case 'rich_text':
      return block.elements.map((part) => part.elements.map(richTextOf).join(''))
    case 'section':
      return [block.text, ...(block.fields ?? [])].flatMap((one) => (one === undefined ? [] : [shown(one)]))
    case 'context':
      return block.elements.map(shown)
    case 'actions':
      return block.elements.map(({ text }) => `[${text.text}]`)
    case 'input':
      return [block.label.text]
    case 'divider':
      return []
  }
}

type Rich = Extract<FakeBlock, { type: 'rich_text' }>['elements'][number]['elements'][number]

function richTextOf(element: Rich): string {
  if (element.type === 'text') return element.text
  if (element.type === 'link') return element.text ?? element.url
  if (element.type === 'date') return new Date(element.timestamp * 1_000).toISOString()
  return element.type === 'user' ? `@${element.user_id}` : `@${element.usergroup_id}`
}

interface Text {
  readonly type: 'plain_text' | 'mrkdwn'
  readonly text: string
}

function shown({ type, text }: Text): string {
  if (type === 'plain_text') return text
  return text
    .replace(/<([^>|]*)\|([^>]*)>/g, '$2')
    .replace(/<([^>]*)>/g, '$1')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')
}

/** What can be followed, notifies somebody, or would be formatted, in blocks and in the text of a notification. */
export function liveIn(blocks: readonly FakeBlock[], notification: string): readonly string[] {
  const found = [...parsedIn(notification)]
  for (const block of blocks) {
    if (block.type === 'rich_text') {
      for (const part of block.elements)
        for (const element of part.elements)
          if (element.type === 'link') found.push(element.url)
          else if (element.type !== 'text' && element.type !== 'date') found.push(richTextOf(element))
    }
    const texts = block.type === 'section' ? [block.text, ...(block.fields ?? [])] : []
    const all = block.type === 'context' ? block.elements : texts
    for (const one of all) if (one?.type === 'mrkdwn') found.push(...parsedIn(one.text))
  }
  for (const { url } of buttonsIn(blocks)) if (url !== undefined) found.push(url)
  return found
}

const parsedIn = (text: string): readonly string[] => text.match(/<[^>]*>/g) ?? []
