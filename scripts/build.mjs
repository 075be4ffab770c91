// `npm run build`: installs everything and builds every package.
import { install, requireNode, say, turbo } from './install.mjs'

requireNode()
install('all')
say('building the packages ...')
process.exit(turbo(['build', '//#types']))
