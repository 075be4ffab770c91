import type { Framework } from './framework'

/** NIST SP 800-53 revision 5, which FedRAMP's baselines select from, as far as the log speaks to it. */
export const nist80053: Framework = {
  id: 'nist800-53',
  name: 'NIST SP 800-53 Rev. 5 (FedRAMP)',
  item: 'control',
  note: 'Numbers and titles are those of NIST SP 800-53 Revision 5. FedRAMP’s baselines select from these controls: which of them apply, and with which parameters, stands in the baseline and the system security plan.',
  controls: [
    {
      id: 'AC-3(2)',
      title: 'Access Enforcement: Dual Authorization',
      evidence: 'Actions that ran on the approval of two or more distinct people, with their votes.',
      beyond:
        'Which actions need dual authorization: policy says so, and the rules are listed with each action.',
      population: 'dual',
      exceptions: ['self-approval', 'self-approval-attempt', 'observed', 'verification-finding'],
    },
    {
      id: 'AC-5',
      title: 'Separation of Duties',
      evidence:
        'Who asked and who approved are different people, compared by verified identity; attempts to do both were refused and are listed.',
      beyond: 'Which duties have to be separated elsewhere.',
      population: 'approved',
      exceptions: ['self-approval', 'self-approval-attempt'],
    },
    {
      id: 'AC-6',
      title: 'Least Privilege',
      evidence:
        'Privileged actions were decided one by one, on exact arguments, for a limited time; credentials were issued to one action each, and ended with it.',
      beyond: 'Privileges that the agent’s process has of its own.',
      population: 'ran',
      exceptions: ['observed', 'gate-observing', 'credential-left', 'credential-revocation-failed'],
    },
    {
      id: 'AC-6(9)',
      title: 'Least Privilege: Log Use of Privileged Functions',
      evidence: 'Each use of a gated function, with start, outcome, duration and digest of the result.',
      beyond: 'Privileged functions that no gate wraps.',
      population: 'ran',
      exceptions: ['outcome-missing', 'unknown-outcome', 'events-missing'],
    },
    {
      id: 'AU-2',
      title: 'Event Logging',
      evidence: 'Every attempt is on record, also those that were denied, rejected or expired.',
      beyond: 'The choice of events for the rest of the system.',
      population: 'all',
      exceptions: ['events-missing', 'audit-degraded'],
    },
    {
      id: 'AU-3',
      title: 'Content of Audit Records',
      evidence:
        'For each action: what, when, where (gate and log), from whom (agent, model, owner, on whose behalf), the outcome, and the people who decided.',
      beyond: 'Values that are redacted or committed in the log.',
      population: 'all',
      exceptions: ['log-redacted', 'events-missing'],
    },
    {
      id: 'AU-6',
      title: 'Audit Record Review, Analysis, and Reporting',
      evidence: 'This report: exceptions by kind, each with the action it belongs to.',
      beyond: 'That somebody reads it, and acts on it.',
      population: 'all',
      exceptions: [
        'self-approval-attempt',
        'unentitled-vote',
        'weak-sign-in',
        'unknown-outcome',
        'outcome-missing',
        'gate-sealed',
        'verification-finding',
      ],
    },
    {
      id: 'AU-9',
      title: 'Protection of Audit Information',
      evidence:
        'A hash tree with signed heads; the first section says what was verified, and against which known heads.',
      beyond: 'Custody of the signing key, and copies of the log on other systems.',
      population: 'all',
      exceptions: ['log-cut', 'log-redacted', 'key-rotated', 'events-missing', 'verification-finding'],
    },
    {
      id: 'AU-10',
      title: 'Non-repudiation',
      evidence:
        'Each vote names issuer and subject, how they were verified, and the digest of what they were shown; a receipt proves it offline.',
      beyond: 'The identity provider’s own records. A vote is signed by the log, not by the voter’s own key.',
      population: 'asked',
      exceptions: ['weak-sign-in', 'verification-finding'],
    },
    {
      id: 'AU-12',
      title: 'Audit Record Generation',
      evidence: 'Nothing runs before its start is durable in the log; outcomes follow.',
      beyond: 'Records of other components.',
      population: 'ran',
      exceptions: ['audit-degraded', 'gate-sealed', 'outcome-missing', 'log-cut'],
    },
    {
      id: 'CM-3',
      title: 'Configuration Change Control',
      evidence:
        'For each change made through a gated action: what exactly was proposed, who approved that, when, why, and what came of it.',
      beyond: 'Impact analysis and test of the change; which actions are changes.',
      population: 'asked',
      exceptions: ['expired', 'lapsed', 'invalidated', 'undeliverable'],
    },
    {
      id: 'CM-5',
      title: 'Access Restrictions for Change',
      evidence:
        'Actions that were stopped before they ran: denied by a rule, rejected, expired, or fallen after approval.',
      beyond: 'Physical access, and access to the same systems on other ways.',
      population: 'stopped',
      exceptions: ['observed', 'gate-observing', 'blocked', 'invalidated', 'rule-failed'],
    },
  ],
}
