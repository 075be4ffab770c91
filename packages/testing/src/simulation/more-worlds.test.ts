import { test } from 'vitest'
import { expectWorldsToHold } from './seeded-worlds'

// The other half stands beside: two files run on two cores.
test('I1 to I10 hold in seeded worlds 1001 to 2000', () => expectWorldsToHold(1_001, 2_000), 180_000)
