import { offerCopying } from './copying'
import { startCountdowns } from './countdowns'
import { startKeys } from './keys'
import { startLive } from './live'

// Every page works without this script: it only spares people reloading, searching and reaching for the mouse.
const answer = document.getElementById('answer')
answer?.focus()
offerCopying()
startCountdowns()
startKeys()
startLive()
