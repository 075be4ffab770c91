import type { Logger } from '@gatewright/core'
import { SocketModeClient } from '@slack/socket-mode'
import type { Interaction } from './interactions'
import type { ResolvedOptions } from './options'
import { clientOptions, quiet } from './web'

/** What {@link openSocket} needs. */
export interface SocketParts {
  readonly logger: Logger
  readonly lifetime: AbortSignal
  read(payload: unknown): Interaction | null
  run(work: () => Promise<void>): void
}

/**
 * Connects by Socket Mode, and stays connected. Each event is acknowledged before anything is done about it; Slack sends
 * what was not acknowledged again.
 *
 * @returns ends the connection
 */
export async function openSocket(options: ResolvedOptions, parts: SocketParts): Promise<() => Promise<void>> {
  const { logger, lifetime, read, run } = parts
  const client =
    options.socketModeClient ??
    new SocketModeClient({
      appToken: options.appToken ?? '',
      logger: quiet(logger),
      clientOptions: {
        ...clientOptions(options, logger, lifetime),
        rejectRateLimitedCalls: false,
        retryConfig: { retries: 100, factor: 1.3 },
      },
    })
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
  client.on('interactive', onInteractive)
  await client.start()
  return async () => {
    client.off('interactive', onInteractive)
    await client.disconnect()
  }
}
