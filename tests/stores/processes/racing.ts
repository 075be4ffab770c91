// Makes the same calls, under the same keys, as another process beside it.
import { appendTo, openGate } from './gate'

const [address = '', effects = '', calls = '0'] = process.argv.slice(2)
// Many calls at once, or a busy machine, leave no time to renew a short lease; whoever loses it has an unknown outcome.
const opened = openGate(JSON.parse(address), appendTo(effects), { lease: '30s' })
await opened.gate.start()
const results = await Promise.allSettled(
  Array.from({ length: Number(calls) }, (_, number) => opened.do(`call-${number}`)),
)
const ran = results.filter(({ status }) => status === 'fulfilled').length
await opened.gate.close()
await opened.store.close()
process.stdout.write(`answered ${ran}\n`)
