// A process that takes a log, says so, and appends until it is told to stop.
import { fileAudit } from '../../src/file-audit'
import { eventOf } from './events'

const [directory = '', subject = 'child'] = process.argv.slice(2)
const log = fileAudit({ directory })
log.opened.then(
  () => process.stdout.write('opened\n'),
  (error: { cause?: { code?: string } }) => {
    process.stdout.write(`refused ${error.cause?.code}\n`)
    process.exit(3)
  },
)
await log.opened
for (let seq = 1; ; seq += 8) {
  await Promise.all(
    Array.from({ length: 8 }, async (_, at) => {
      await log.append([eventOf(`${subject}-${at}`, seq)])
      process.stdout.write(`${subject}-${at}/${seq}\n`)
    }),
  )
}
