import { test } from 'vitest'
import { expectWorldsToHold } from './seeded-worlds'

// The other half stands beside: two files run on two cores.
test('I1 to I10 hold in seeded worlds 601 to 1200', () => expectWorldsToHold(601, 1200), 180_000)
