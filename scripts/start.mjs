// `npm start`: installs what the quickstart needs, builds that and runs it.
import { install, pnpm, requireNode, say, turbo } from './install.mjs'

const quickstart = '@gatewright/example-quickstart'

requireNode()
install(quickstart)
say('building the packages ...')
const built = turbo(['build', `--filter=${quickstart}...`], { quiet: true })
if (built !== 0) process.exit(built)
say('running the quickstart ...')
process.exit(pnpm(['--silent', '--filter', quickstart, 'run', 'start'], { stdin: 'inherit' }))
