export { type SlackManifest, type SlackManifestOptions, slackManifest } from './manifest'
export type { SlackApproverOptions, SlackRoute } from './options'
export { slackApprover } from './slack-approver'
