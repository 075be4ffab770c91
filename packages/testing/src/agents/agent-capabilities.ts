/** What a framework may be unable to do, in the words of the table. */
export const AGENT_CAPABILITIES = {
  parallel: 'several calls in one turn, each a request of its own',
  'malformed-json': 'arguments that are not JSON are refused before anybody is asked',
  'unknown-tool': 'a call of a tool that does not exist',
  'later-tool': 'a tool that is added later is gated',
  guard: '`gate.guardTools` accepts its gated tools, and refuses the others',
  intent: 'what the model says beside a call is shown as the agent’s words',
  'agent-name': 'the agent’s name stands in the request',
  'model-name': 'the model’s name stands in the request',
  'run-id': 'call ids that repeat in other runs are other calls',
  'edit-note': 'the model is told that a reviewer changed the arguments',
  streaming: 'parts of a stream arrive while people decide',
  generator: 'tools that yield go on yielding',
  cancel: 'aborting the run cancels what waits, and aborts what runs',
  'tool-signal': 'an execution time-out aborts the signal that the tool was given',
  'tool-timeout': 'the framework’s tool time-out does not count people',
  'tool-failure': 'a tool that throws is recorded as failed',
  suspend: 'the run ends while people decide, and goes on later',
  restart: 'another process goes on after a restart',
  redeliver: 'calls that are delivered twice run once',
  'own-approval': 'the framework’s own "approved" opens nothing',
  nested: 'an agent inside a tool: its requests name the one above',
  'sub-agent': 'sub-agents or hand-offs: their calls are gated',
} as const

/** What a framework may be unable to do. */
export type AgentCapability = keyof typeof AGENT_CAPABILITIES
