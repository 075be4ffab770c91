import { type Built, part } from './markup'

/** What nobody should read into the report, and how to check it. */
export function limitsSection(directories: readonly string[]): Built {
  const names = directories.map((directory) => directory).join(' ')
  return part`<section id="limits" aria-labelledby="h-limits"><h2 id="h-limits">What this cannot show</h2>
<ul class="plain">
<li>What was never given to a log: privileged operations that no gate wraps, and actions of people and programs that do not go through the agent.</li>
<li>Whether the people who signed in were who they said. The log names issuer, subject and kind of sign-in; the identity provider has the rest.</li>
<li>Whether groups had the right members. Who is in a group stands in no log; that each voter was asked, and counted once, was verified.</li>
<li>Whether a reviewer understood what they approved. The digest of what was shown is on record, and their note.</li>
<li>A log that was rewritten whole with its own key, unless a head that was kept elsewhere was given for comparison.</li>
<li>Values that are redacted, committed or set aside in the log. Digests tell whether two of them were equal.</li>
<li>That a control is met. It takes more than records of decisions; each entry above says what.</li>
</ul>
<h3>Check it yourself</h3>
<p>The log can be verified offline, with public keys alone, and each action has a receipt that proves its events without the rest of the log. An action belongs to every period that it reaches into, and what became of it later is told too. Times are those of the store that judged them, in UTC.</p>
<pre>gatewright audit verify ${names} --trust TRUST_FILE --known-head HEAD_FILE</pre></section>`
}
