import {
  AbstractChat,
  type ChatInit,
  DefaultChatTransport,
  lastAssistantMessageIsCompleteWithApprovalResponses,
  type UIMessage,
} from 'ai'

type State = ConstructorParameters<typeof AbstractChat<UIMessage>>[0]['state']

/** What `useChat` is in a browser, without one: the SDK's own chat over a route. */
export class Chat extends AbstractChat<UIMessage> {
  readonly #waiting: (() => void)[]

  /** @param route - answers what the browser would post */
  constructor(route: (request: Request) => Promise<Response>, init: ChatInit<UIMessage> = {}) {
    const waiting: (() => void)[] = []
    const messages: UIMessage[] = []
    const state: State = {
      status: 'ready',
      error: undefined,
      messages,
      pushMessage: (message) => void messages.push(message),
      popMessage: () => void messages.pop(),
      replaceMessage: (index, message) => void messages.splice(index, 1, message),
      snapshot: structuredClone,
    }
    const fetch = (_url: unknown, sent?: RequestInit) => route(new Request('https://chat.test/api', sent))
    super({
      ...init,
      onFinish: () => {
        for (const end of waiting.splice(0)) end()
      },
      state,
      transport: new DefaultChatTransport({ fetch }),
      sendAutomaticallyWhen: lastAssistantMessageIsCompleteWithApprovalResponses,
    })
    this.#waiting = waiting
  }

  /** Answers the question, and waits for what the route says to it. */
  async answer(approved: boolean, reason?: string): Promise<void> {
    const ended = new Promise<void>((resolve) => this.#waiting.push(resolve))
    const id = this.question()?.id ?? ''
    await this.addToolApprovalResponse({ id, approved, ...(reason === undefined ? {} : { reason }) })
    await ended
  }

  /** The question that the chat shows, if it shows one. */
  question(): { readonly id: string } | undefined {
    const part = this.lastMessage?.parts.find((one) => 'state' in one && one.state === 'approval-requested')
    return part !== undefined && 'approval' in part ? part.approval : undefined
  }
}
