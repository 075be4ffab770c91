export type { TeamsApproverOptions, TeamsCertificate, TeamsRoute } from './bot/options'
export { teamsApprover } from './bot/teams-approver'
export {
  type TeamsAppPackage,
  type TeamsManifest,
  type TeamsManifestOptions,
  teamsManifest,
} from './manifest/teams-manifest'
export type { TeamsWebhookApproverOptions } from './webhook/options'
export { teamsWebhookApprover } from './webhook/teams-webhook-approver'
