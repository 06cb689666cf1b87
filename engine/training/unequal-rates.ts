// What of a request makes parts of θ learn at different rates.
import type { TrainRequest } from '../requests/train.ts'

/** Each multiplies the learning rate of some weights; 1, as none, leaves them alike. */
const multiplying = ['loraPlus', 'blockRates'] as const satisfies readonly (keyof TrainRequest)[]

/** The first such field that is given. */
export const fieldOfRates = (request: Partial<TrainRequest>): (typeof multiplying)[number] | undefined =>
  multiplying.find((name) => (request[name] ?? 1) !== 1)
