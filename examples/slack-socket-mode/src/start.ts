import { cleanUp } from './clean-up'

const { SLACK_BOT_TOKEN, SLACK_APP_TOKEN, SLACK_CHANNEL, SLACK_REVIEWERS } = process.env
if (!SLACK_BOT_TOKEN || !SLACK_APP_TOKEN || !SLACK_CHANNEL || !SLACK_REVIEWERS) {
  console.error(
    'Set SLACK_BOT_TOKEN, SLACK_APP_TOKEN, SLACK_CHANNEL (C…) and SLACK_REVIEWERS (U…,U…): docs/slack.md',
  )
  process.exit(1)
}
const { removed, refused } = await cleanUp([17, 42], {
  token: SLACK_BOT_TOKEN,
  appToken: SLACK_APP_TOKEN,
  channel: SLACK_CHANNEL,
  reviewers: SLACK_REVIEWERS.split(','),
})
console.log(`removed: ${removed.join(', ') || 'nobody'}`)
for (const one of refused) console.log(`not removed: ${one}`)
