import { digestOf, textOf } from './facts'
import type { MeaningContext } from './meaning-context'
import { effectOf } from './policy-record'
import { RunStory } from './run-story'
import type { LoggedEvent } from './told'

/** A call that needed nobody's vote and wrote no request: its start, and how it ended. */
export class DirectStory {
  readonly #context: MeaningContext
  #run: RunStory | null = null

  constructor(context: MeaningContext) {
    this.#context = context
  }

  get ended(): boolean {
    return this.#run?.ended ?? false
  }

  get run(): RunStory | null {
    return this.#run
  }

  /** Judges the next event of the chain. */
  next(about: LoggedEvent): void {
    if (this.#run !== null) {
      this.#run.next(about)
      return
    }
    const { policyHashes, tell } = this.#context
    const { data } = about.event
    const { basis, rules } = data
    const effect = effectOf(rules)
    this.#run = new RunStory(this.#context, about, null, true)
    if (
      digestOf(data.argumentsDigest) === null ||
      textOf(data.action) === null ||
      digestOf(data.policyHash) === null
    )
      tell('error', 'event-malformed', 'a run does not say what every run says', about)
    if (basis === 'observe') {
      // Even a gate that only observes obeys a denial.
      if (effect === 'deny') tell('error', 'run-without-basis', 'it ran though a rule denies it', about)
      this.#context.observed(about)
      return
    }
    if (basis !== 'policy' || effect !== 'allow')
      tell(
        'error',
        'run-without-basis',
        `it ran on the basis "${textOf(basis)}", and its rules do not allow it`,
        about,
      )
    else if (policyHashes.of([], rules) !== data.policyHash)
      tell('error', 'policy-hash', 'the policy hash is not that of the rules that are stated', about)
  }
}
