// Makes the same calls, under the same keys, as another process beside it.
import { appendTo, openGate } from './gate'

const [address = '', effects = '', calls = '0'] = process.argv.slice(2)
const opened = openGate(JSON.parse(address), appendTo(effects))
await opened.gate.start()
const results = await Promise.allSettled(
  Array.from({ length: Number(calls) }, (_, number) => opened.do(`call-${number}`)),
)
const ran = results.filter(({ status }) => status === 'fulfilled').length
await opened.gate.close()
await opened.store.close()
process.stdout.write(`answered ${ran}\n`)
