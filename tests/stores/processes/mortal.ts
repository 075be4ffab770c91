// Holds calls that wait and calls that run until somebody kills it. Says what was acknowledged to it.
import { openGate } from './gate'

const [address = '', effects = '', round = '', ...earlier] = process.argv.slice(2)
const opened = openGate(JSON.parse(address), effects, { busyFor: 60 })
const say = (line: string) => process.stdout.write(`${line}\n`)
opened.gate.on('request.created', ({ request }) => say(`asked ${request?.id}`))
await opened.gate.start()
say('started')

async function call(key: string): Promise<void> {
  try {
    await opened.do(key)
    say(`done ${key}`)
  } catch (error) {
    say(`ended ${key} ${(error as { code?: string }).code}`)
  }
}

for (const key of earlier) void call(key)
for (let number = 0; number < 5; number += 1) void opened.wait(`wait-${round}-${number}`).catch(() => {})
for (let number = 0; ; number += 1) {
  void call(`do-${round}-${number}`)
  await new Promise((resolve) => setTimeout(resolve, 3))
}
