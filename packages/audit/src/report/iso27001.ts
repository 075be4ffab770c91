import type { Framework } from './framework'

/** Annex A of ISO/IEC 27001:2022, as far as the log speaks to it. The text is ISO's: titles are paraphrased. */
export const iso27001: Framework = {
  id: 'iso27001',
  name: 'ISO/IEC 27001:2022 (Annex A)',
  item: 'control',
  note: 'Numbers are those of Annex A of ISO/IEC 27001:2022. Titles are paraphrased; read the controls in the standard.',
  controls: [
    {
      id: 'A.5.3',
      title: 'Conflicting duties are kept apart',
      evidence:
        'Who asked and who approved are different people, compared by verified identity; attempts to do both were refused and are listed.',
      beyond: 'Which duties conflict elsewhere in the organization.',
      population: 'approved',
      exceptions: ['self-approval', 'self-approval-attempt'],
    },
    {
      id: 'A.5.15',
      title: 'Rules for access',
      evidence:
        'The rules that decided on each action, with version, answer and policy hash, and the basis it ran on.',
      beyond: 'That the rules say what the organization’s access policy says.',
      population: 'all',
      exceptions: ['observed', 'gate-observing', 'rule-failed', 'verification-finding'],
    },
    {
      id: 'A.5.18',
      title: 'Access rights are given, reviewed and taken back',
      evidence:
        'Approvals, standing grants and credentials: given by whom, to which agent, for how long, used how often, ended when.',
      beyond: 'Regular review of the rights that people and agents have of their own.',
      population: 'approved',
      exceptions: ['credential-left', 'credential-revocation-failed', 'lapsed', 'unentitled-vote'],
    },
    {
      id: 'A.5.28',
      title: 'Evidence can be collected',
      evidence:
        'A signed, append-only log that was verified for this report, and a command for each action that makes its receipt.',
      beyond: 'Retention of the log and of its public keys.',
      population: 'all',
      exceptions: ['log-cut', 'events-missing', 'audit-degraded', 'log-redacted', 'verification-finding'],
    },
    {
      id: 'A.8.2',
      title: 'Privileged access is restricted and managed',
      evidence:
        'Privileged actions were decided one by one, on exact arguments, for a limited time; their credentials ended with them.',
      beyond: 'Privileged access that does not go through the agent.',
      population: 'ran',
      exceptions: ['observed', 'gate-observing', 'credential-left', 'weak-sign-in', 'self-approval'],
    },
    {
      id: 'A.8.15',
      title: 'Activities are logged, and logs are protected',
      evidence:
        'Each step of each action is an entry of a hash tree with signed heads; the first section says what was verified.',
      beyond: 'Logs of other systems.',
      population: 'all',
      exceptions: ['log-cut', 'audit-degraded', 'events-missing', 'key-rotated', 'verification-finding'],
    },
    {
      id: 'A.8.16',
      title: 'Unusual behaviour is watched for',
      evidence:
        'Attempts that were refused, outcomes that are unknown and gates that sealed themselves are on record.',
      beyond: 'That somebody looks at them in time.',
      population: 'all',
      exceptions: [
        'self-approval-attempt',
        'unentitled-vote',
        'weak-sign-in',
        'unknown-outcome',
        'outcome-missing',
        'gate-sealed',
      ],
    },
    {
      id: 'A.8.32',
      title: 'Changes follow a procedure',
      evidence:
        'For each change made through a gated action: what exactly was proposed, who approved that, when, why, and what came of it.',
      beyond: 'Planning and test of the change elsewhere; which actions are changes.',
      population: 'asked',
      exceptions: ['expired', 'lapsed', 'invalidated', 'blocked', 'undeliverable', 'observed'],
    },
  ],
}
