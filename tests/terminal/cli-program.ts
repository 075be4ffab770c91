// The command line, for tests in a real terminal.
import { run } from 'gatewright/cli'

process.exitCode = await run(JSON.parse(process.env.ARGS ?? '[]') as string[])
