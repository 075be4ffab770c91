// Runs what people approved, beside any number of others like it, until it is told to stop. `tsx src/worker.ts one`
import { open } from './open'

const [name = 'worker'] = process.argv.slice(2)
const { close, gate } = await open(name)
// Before it runs anything, and before anybody is told that it is there: a signal must find it.
process.once('SIGTERM', () => void close())
await gate.start()
console.log(`${name} is ready`)
