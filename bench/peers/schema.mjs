// What a program would declare for the arguments of 100 bytes.
import { z } from 'zod'

export const exportArguments = z.object({ id: z.number(), to: z.string(), dryRun: z.boolean(), note: z.string() })
