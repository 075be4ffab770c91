import { BaseSequencer } from 'vitest/node'

/** Vitest's order of test files, with the few that take longest first. */
export default class LongestFirst extends BaseSequencer {}
