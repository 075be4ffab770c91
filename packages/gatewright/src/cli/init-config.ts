/** The name of the config that is written. */
export type ConfigName = 'gatewright.config.mjs' | 'gatewright.config.ts'

/** A config to begin with: it starts as it is, and says what may be changed. */
export function initialConfig(name: ConfigName): string {
  const isTyped = name.endsWith('.ts')
  return `// The gate of this project: who decides what agents may do here. It is read by
//   gatewright doctor         is everything all right?
//   gatewright mcp -- <...>   ask before each tool call of an MCP server
// and by a program of yours:
//   import options from './${name}'
//   const gate = createGate(options)
import { ${isTyped ? 'type GateOptions, ' : ''}group, when } from 'gatewright'

${isTyped ? '' : "/** @type {import('gatewright').GateOptions} */\n"}export default {
  // Who makes the calls. "owner" answers for the agent, and can never approve what it asks:
  // person('https://idp.example.com', '00u1'), imported like group. null says that nobody does.
  agent: { id: 'my-agent', owner: null },

  // Who decides what no rule below speaks of. At this terminal you can answer for any group:
  //   gatewright inbox --group ops
  reviewers: group('ops'),
  // More than one person, and in time (in place of "reviewers"):
  // requirement: { reviewers: group('ops'), atLeast: 2, within: '30m' },

  // Rules, by the names of actions: deny beats require, and require beats allow. What no rule
  // speaks of is asked about.
  policy: [
    when('data.count').allow(),
    when('data.drop').deny('never from an agent'),
    when('data.export')
      .if(({ args }) => Number(args.rows) > 10_000)
      .require({ id: 'big-export', reviewers: group('ops', { atLeast: 2 }), within: '30m' }),
  ],

  // How people are asked. Nobody is asked by a list that is empty: they come by themselves, with
  // "gatewright inbox". Without the list, a program at a terminal asks there.
  approvers: [
    // npm install @gatewright/slack       docs/slack.md
    // slackApprover({
    //   token: process.env.SLACK_BOT_TOKEN,
    //   appToken: process.env.SLACK_APP_TOKEN,
    //   channel: 'C0123456789',
    // }),
    // npm install @gatewright/teams       docs/teams.md
    // teamsApprover({ ... }),
    // npm install @gatewright/webhook     docs/webhook.md
    // webhookApprover({ url: 'https://approvals.example.com/gatewright', ... }),
  ],
  // What seals buttons and links; needed by the approvers above: openssl rand -base64 32
  // secrets: [process.env.GATEWRIGHT_SECRET],

  // A web inbox with sign-in, for a team: npm install @gatewright/server, docs/inbox.md
  // ...reviewLinks('https://approvals.example.com'),

  // Where requests and the signed log are kept. Keep it out of version control.
  dataDirectory: '.gatewright',
}${isTyped ? ' satisfies GateOptions' : ''}
`
}
