import { createGate, group } from '@gatewright/core'
import { devSignIn, reviewLinks } from '@gatewright/server'
import { createApp } from './app'

const origin = 'http://localhost:3000'
const secrets = ['only for trying, in one process alone']
const gate = createGate({
  agent: { id: 'reports-app', owner: null },
  approvers: [],
  reviewers: group('ops'),
  ephemeral: true, // for real: `createGate` of gatewright, or a store and a log of your own
  secrets,
  ...reviewLinks(`${origin}/gate`),
})
const app = createApp({
  gate,
  origin,
  inbox: { signIn: devSignIn({ groups: ['ops'] }), secrets }, // in earnest: oidc, okta, entra or google
  exportTable: async ({ table }) => `exported ${table}`,
})
app.listen(3000, '127.0.0.1', () => {
  console.log(`1. curl -i ${origin}/exports -H 'Idempotency-Key: 1' --json '{"table": "customers"}'`)
  console.log(`2. Decide at ${origin}/gate   3. Send the same curl again.`)
})
