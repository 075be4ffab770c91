export { type ApiKey, type ApiScope, generateApiKey } from './api/api-keys'
export type { JobClaims, JobTokens } from './api/job-tokens'
export { type ScimDirectoryOptions, type ScimMatch, scimDirectory } from './directory/scim-directory'
export type { ClientAddress } from './http/who'
export type { ReviewServerOptions } from './options'
export { createReviewServer, type ReviewServer, reviewLinks } from './review-server'
export { type Listening, nodeListener, type ServeOptions, serve } from './serve'
export { type DevSignInOptions, devSignIn } from './sign-in/dev-sign-in'
export { type OidcOptions, oidc } from './sign-in/oidc'
export {
  type EntraOptions,
  entra,
  type GoogleOptions,
  google,
  type OktaOptions,
  okta,
  type PresetOptions,
} from './sign-in/presets'
export type { PendingSignIn, SignIn, StepUp } from './sign-in/sign-in'
