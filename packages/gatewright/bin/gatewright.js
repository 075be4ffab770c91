#!/usr/bin/env node
import { setFlagsFromString } from 'node:v8'
import { run } from 'gatewright/cli'

// A long verification keeps to its 64 MB only while the space for young objects stays as small as it begins.
setFlagsFromString('--semi-space-growth-factor=1')

process.exitCode = await run(process.argv.slice(2))
