import { z } from 'zod'

// Slack's documented limits, as strict schemas: what Slack does not know it refuses.

const text = (most: number) => z.string().min(1).max(most)
const plainText = (most: number) =>
  z.strictObject({ type: z.literal('plain_text'), text: text(most), emoji: z.boolean().optional() })
const mrkdwn = (most: number) =>
  z.strictObject({ type: z.literal('mrkdwn'), text: text(most), verbatim: z.boolean().optional() })
const eitherText = (most: number) => z.union([plainText(most), mrkdwn(most)])
const id = text(255)
const url = z.url({ protocol: /^https?$/ }).max(3_000)

const confirm = z.strictObject({
  title: plainText(100),
  text: eitherText(300),
  confirm: plainText(30),
  deny: plainText(30),
  style: z.enum(['primary', 'danger']).optional(),
})

const button = z.strictObject({
  type: z.literal('button'),
  text: plainText(75),
  action_id: id,
  value: text(2_000).optional(),
  url: url.optional(),
  style: z.enum(['primary', 'danger']).optional(),
  confirm: confirm.optional(),
})

const style = z
  .strictObject({ bold: z.boolean(), italic: z.boolean(), strike: z.boolean(), code: z.boolean() })
  .partial()
  .optional()
const richElement = z.discriminatedUnion('type', [
  // Slack documents no bound on a text of rich text; the one of a section is kept.
  z.strictObject({ type: z.literal('text'), text: text(3_000), style }),
  z.strictObject({ type: z.literal('link'), url, text: text(3_000).optional(), style }),
  z.strictObject({ type: z.literal('user'), user_id: z.string().regex(/^[UW][A-Z0-9]+$/), style }),
  z.strictObject({ type: z.literal('usergroup'), usergroup_id: z.string().regex(/^S[A-Z0-9]+$/), style }),
  z.strictObject({
    type: z.literal('date'),
    timestamp: z.int().positive(),
    format: z.string().regex(/\{date|\{time|\{ago/),
    fallback: text(3_000),
    url: url.optional(),
  }),
])

const blockId = id.optional()
const richText = z.strictObject({
  type: z.literal('rich_text'),
  block_id: blockId,
  elements: z
    .array(
      z.discriminatedUnion('type', [
        z.strictObject({ type: z.literal('rich_text_section'), elements: z.array(richElement).min(1) }),
        z.strictObject({
          type: z.literal('rich_text_preformatted'),
          elements: z.array(richElement).min(1),
          border: z.int().optional(),
        }),
      ]),
    )
    .min(1),
})

const section = z
  .strictObject({
    type: z.literal('section'),
    block_id: blockId,
    text: eitherText(3_000).optional(),
    fields: z.array(eitherText(2_000)).min(1).max(10).optional(),
    accessory: button.optional(),
  })
  .refine(({ text: said, fields }) => said !== undefined || fields !== undefined)

const input = z.strictObject({
  type: z.literal('input'),
  block_id: blockId,
  label: plainText(2_000),
  hint: plainText(2_000).optional(),
  optional: z.boolean().optional(),
  element: z.strictObject({
    type: z.literal('plain_text_input'),
    action_id: id,
    multiline: z.boolean().optional(),
    min_length: z.int().min(0).max(3_000).optional(),
    max_length: z.int().min(1).max(3_000).optional(),
    initial_value: z.string().max(3_000).optional(),
    placeholder: plainText(150).optional(),
  }),
})

const messageBlock = z.union([
  richText,
  section,
  z.strictObject({ type: z.literal('header'), block_id: blockId, text: plainText(150) }),
  z.strictObject({ type: z.literal('divider'), block_id: blockId }),
  z.strictObject({
    type: z.literal('context'),
    block_id: blockId,
    elements: z.array(eitherText(3_000)).min(1).max(10),
  }),
  z
    .strictObject({ type: z.literal('actions'), block_id: blockId, elements: z.array(button).min(1).max(25) })
    .refine(({ elements }) => new Set(elements.map((one) => one.action_id)).size === elements.length),
])

/** Where Slack refused messages with `msg_blocks_too_long`; counted here over all that is sent. */
const MOST_MESSAGE = 13_200
const MOST_VIEW = 250_000

const blocksOf = <T extends z.ZodType>(block: T, most: number) =>
  z
    .array(block)
    .min(1)
    .max(most)
    .refine((blocks) => {
      const ids = blocks.flatMap((one) => (one as { block_id?: string }).block_id ?? [])
      return new Set(ids).size === ids.length
    }, 'block_id must be unique')

/** The blocks of a message. */
export const messageBlocks = blocksOf(messageBlock, 50).refine(
  (blocks) => JSON.stringify(blocks).length <= MOST_MESSAGE,
  'msg_blocks_too_long',
)

/** A modal. */
export const modalView = z
  .strictObject({
    type: z.literal('modal'),
    title: plainText(24),
    submit: plainText(24).optional(),
    close: plainText(24).optional(),
    callback_id: id.optional(),
    private_metadata: z.string().max(3_000).optional(),
    blocks: blocksOf(z.union([messageBlock, input]), 100),
  })
  .refine(
    ({ blocks, submit }) => submit !== undefined || blocks.every((block) => block.type !== 'input'),
    'a modal with inputs needs submit',
  )
  .refine((view) => JSON.stringify(view).length <= MOST_VIEW, 'view_too_large')

/** Metadata of a message: a name without dots, and flat values. */
export const messageMetadata = z.strictObject({
  event_type: z.string().regex(/^[\w-]{1,255}$/),
  event_payload: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
})

/** A block of a message or of a modal. */
export type FakeBlock = z.infer<typeof messageBlock> | z.infer<typeof input>
/** A button. */
export type FakeButton = z.infer<typeof button>
/** A modal as it was accepted. */
export type FakeView = z.infer<typeof modalView>
