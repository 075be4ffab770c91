import { test } from 'vitest'
import { expectWorldsToHold } from './seeded-worlds'

// The other half stands beside: two files run on two cores.
test('I1 to I10 hold in seeded worlds 251 to 500', () => expectWorldsToHold(251, 500), 180_000)
