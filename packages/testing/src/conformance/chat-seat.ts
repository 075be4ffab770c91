import type { Approver, Principal } from '@gatewright/core'
import type { ApproverHarness, ApproverSeat } from './approver-harness'
import { type ChatPress, chatApprover } from './chat-approver'
import { type ChatButton, type ChatRoom, chatRoom, displayed, liveIn } from './chat-room'

const ada: Principal = {
  type: 'human',
  issuer: 'chat:T1',
  subject: 'U1',
  name: 'Ada',
  groups: ['ops'],
  assurance: { method: 'chat' },
}

/** The chat approver, or one like it, with a person who presses its buttons. */
export function chatHarness(make: (room: ChatRoom) => Approver = chatApprover): ApproverHarness {
  return {
    create() {
      const room = chatRoom(ada)
      return seatAt(room, make(room))
    },
  }
}

function seatAt(room: ChatRoom, approver: Approver): ApproverSeat {
  function messagesOf(requestId: string) {
    return [...room.messages.values()].filter((message) => message.requestId === requestId)
  }

  /** The newest message that offers it; pressed in the person's own session, whatever the payload says. */
  async function press(
    requestId: string,
    does: ChatButton['does'],
    more: Partial<ChatPress> = {},
  ): Promise<boolean> {
    const button = messagesOf(requestId)
      .flatMap(({ buttons }) => buttons)
      .filter((one) => one.does === does)
      .at(-1)
    if (button === undefined) return false
    const response = await approver.handle?.(
      new Request('https://gate.test/approvers/chat', {
        method: 'POST',
        headers: { 'x-session': 's1' },
        body: JSON.stringify({ ...button, ...more }),
      }),
    )
    return response?.status === 204
  }

  return {
    approver,
    person: ada,
    see: () =>
      [...[...room.messages.values()].map(({ markup }) => displayed(markup)), ...room.answers].join('\n'),
    messages: (requestId) => messagesOf(requestId).length,
    showsApproved: (requestId) => messagesOf(requestId).some(({ markup }) => /: approved\b/.test(markup)),
    approve: (requestId) => press(requestId, 'approve'),
    reject: (requestId, reason) => press(requestId, 'reject', reason === undefined ? {} : { note: reason }),
    edit: (requestId, edits) => press(requestId, 'edit', { edits }),
    forge: (requestId, claimed) => press(requestId, 'approve', { user: claimed }),
    live: () => [...room.messages.values()].flatMap(({ markup }) => liveIn(markup)),
    stall() {
      room.stalled = true
    },
  }
}
