import type { Framework } from './framework'

/** Trust Services Criteria, as far as the log speaks to them. The criteria are the AICPA's: titles are paraphrased. */
export const soc2: Framework = {
  id: 'soc2',
  name: 'SOC 2 (Trust Services Criteria)',
  item: 'criterion',
  note: 'Numbers are those of the AICPA’s 2017 Trust Services Criteria with the points of focus revised in 2022. Titles are paraphrased; read the criteria in the original.',
  controls: [
    {
      id: 'CC5.2',
      title: 'Control activities over technology',
      evidence:
        'The gate was in force for each of these actions: its policy hash, the rules that answered and the basis it ran on are on record.',
      beyond: 'That every privileged operation of the system goes through a gate.',
      population: 'all',
      exceptions: ['observed', 'gate-observing', 'rule-failed', 'gate-sealed'],
    },
    {
      id: 'CC6.1',
      title: 'Logical access to protected assets is restricted',
      evidence:
        'Each action ran only on a stated basis, on the very arguments that were decided on; what had no basis was stopped.',
      beyond: 'Access to the same assets that does not go through the agent.',
      population: 'ran',
      exceptions: ['observed', 'gate-observing', 'self-approval', 'verification-finding'],
    },
    {
      id: 'CC6.2',
      title: 'Access is authorized before credentials are given out, and ended after',
      evidence:
        'Credentials were issued to one approved action each, and revoked with it; ids, times and brokers are listed.',
      beyond: 'Registration and removal of the people and agents themselves.',
      population: 'credentials',
      exceptions: ['credential-left', 'credential-revocation-failed'],
    },
    {
      id: 'CC6.3',
      title: 'Access follows roles, least privilege and segregation of duties',
      evidence:
        'Who asked and who approved are different people, compared by verified identity; the stages and quorums that were asked for, and the votes that met them, are listed.',
      beyond: 'That the groups of reviewers have the right members.',
      population: 'approved',
      exceptions: ['self-approval', 'self-approval-attempt', 'unentitled-vote', 'weak-sign-in'],
    },
    {
      id: 'CC7.2',
      title: 'Systems are monitored for anomalies',
      evidence:
        'Every attempt is on record, also those that were denied, rejected or expired; unusual ones are listed as exceptions.',
      beyond: 'That somebody looks at them in time.',
      population: 'all',
      exceptions: [
        'self-approval-attempt',
        'unentitled-vote',
        'unknown-outcome',
        'outcome-missing',
        'audit-degraded',
        'log-cut',
        'gate-sealed',
        'events-missing',
        'verification-finding',
      ],
    },
    {
      id: 'CC7.3',
      title: 'Security events are evaluated',
      evidence: 'Unknown outcomes with what was found out about them, by whom and when.',
      beyond: 'The evaluation of events that the log does not know.',
      population: 'ran',
      exceptions: ['unknown-outcome', 'outcome-missing', 'gate-sealed'],
    },
    {
      id: 'CC8.1',
      title: 'Changes are authorized and approved before they are made',
      evidence:
        'For each change made through a gated action: what exactly was proposed, who approved that, when, why, and what came of it.',
      beyond: 'Design, test and review of the change elsewhere; which actions are changes.',
      population: 'asked',
      exceptions: ['expired', 'lapsed', 'invalidated', 'blocked', 'undeliverable', 'observed'],
    },
  ],
}
