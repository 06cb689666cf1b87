import { z } from 'zod'

export const rateOption = {
  rate: z.number().min(0).lt(1).default(0.5).meta({ description: 'share of the entries that is dropped by chance', step: 0.05 }),
}
