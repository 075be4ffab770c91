#!/usr/bin/env node
import { run } from 'gatewright/cli'

process.exitCode = await run(process.argv.slice(2))
