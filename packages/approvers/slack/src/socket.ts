import type { Clock, Logger } from '@gatewright/core'
import { SocketModeClient } from '@slack/socket-mode'
import type { Interaction } from './interactions'
import type { ResolvedOptions } from './options'
import { wait } from './wait'
import { clientOptions, quiet } from './web'

/** What {@link openSocket} needs. */
export interface SocketParts {
  readonly clock: Clock
  readonly logger: Logger
  readonly lifetime: AbortSignal
  read(payload: unknown): Interaction | null
  run(work: () => Promise<void>): void
}

/** How long to wait before connecting again, from one failure to the next. */
const FIRST_WAIT_MS = 1_000
const LONGEST_WAIT_MS = 30_000

/**
 * Connects by Socket Mode, and connects again whenever the connection ends, which Slack does by itself every few hours. Each
 * event is acknowledged before anything is done about it; Slack sends what was not acknowledged again.
 *
 * @returns ends the connection. Rejects when the first connection cannot be made
 */
export async function openSocket(options: ResolvedOptions, parts: SocketParts): Promise<() => Promise<void>> {
  const { clock, logger, lifetime, read, run } = parts
  const client = options.socketModeClient ?? ownClient(options, parts)

  const onInteractive = (event: { ack(body?: object): Promise<void>; body: unknown }): void => {
    const interaction = read(event.body)
    event.ack(interaction?.acknowledgement ?? undefined).then(
      () => {
        if (interaction !== null) run(() => interaction.work())
      },
      // It is sent again over the next connection.
      (error: unknown) => logger.warn('an event of Slack could not be acknowledged', { error }),
    )
  }
  let connected = false
  const onDisconnected = (): void => {
    if (!connected || lifetime.aborted) return
    connected = false
    connectAgain().catch(() => {})
  }

  async function connectAgain(): Promise<void> {
    for (let ms = 0; !lifetime.aborted; ms = Math.min(LONGEST_WAIT_MS, ms * 2 || FIRST_WAIT_MS)) {
      if (ms > 0) await wait(clock, ms, lifetime)
      try {
        await client.start()
        connected = true
        return
      } catch (error) {
        if (!lifetime.aborted) logger.warn('Slack could not be connected to; it is tried again', { error })
      }
    }
  }

  client.on('interactive', onInteractive)
  client.on('disconnected', onDisconnected)
  await client.start()
  connected = true
  return async () => {
    connected = false
    client.off('interactive', onInteractive)
    client.off('disconnected', onDisconnected)
    await client.disconnect()
  }
}

/** It does not connect again by itself: what its own attempts reject with would end the program. */
function ownClient(options: ResolvedOptions, { logger, lifetime }: SocketParts): SocketModeClient {
  return new SocketModeClient({
    appToken: options.appToken ?? '',
    autoReconnectEnabled: false,
    logger: quiet(logger),
    clientOptions: clientOptions(options, logger, lifetime),
  })
}
