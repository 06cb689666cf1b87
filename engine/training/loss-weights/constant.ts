import { z } from 'zod'
import type { LossWeight } from './loss-weight.ts'

export const constant: LossWeight = { name: 'constant', options: z.object({}), weight: () => 1, metadata: () => ({}) }
