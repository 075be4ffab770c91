import { ENGINE, type PlantedBug, plant } from './bug'

const PUT_DELIVERY = `    const saving = putRow(engine().store, row)
    if (isPromise(saving)) await saving
    await attempt(`

/** Mistakes about what people have before them. */
export const SHOWING: readonly PlantedBug[] = [
  plant(
    'the id of a message is saved after it was sent',
    'I8',
    `${ENGINE}/deliver.ts`,
    PUT_DELIVERY,
    '    await attempt(',
  ),
  plant(
    'a message that is sent while others are updated is forgotten',
    'I9',
    `${ENGINE}/shown-messages.ts`,
    'if (areTrue && TERMINAL.has(request.status)) forgetShown(request)',
    'if (areTrue && TERMINAL.has(request.status)) known.delete(id)',
  ),
  plant(
    'messages of a process that is gone stay as they are',
    'I9',
    `${ENGINE}/due-deliveries.ts`,
    'if (hasEnded) return shown.show(request, mine)',
    'if (hasEnded) return true',
  ),
  plant(
    'a message that was being sent when its request ended is left alone',
    'I9',
    `${ENGINE}/due-deliveries.ts`,
    'if (await shown.show(request, tried)) return true',
    'if (tried.attempts > 0) return true',
  ),
]
