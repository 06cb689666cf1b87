// What of a request makes parts of θ learn at different rates.
import type { TrainRequest } from '../requests/train.ts'
import { usualTriggerRate } from './trigger-vectors.ts'

/** Each multiplies the learning rate of some weights; 1, as none, leaves them alike. */
const multiplying = ['loraPlus', 'blockRates'] as const satisfies readonly (keyof TrainRequest)[]

/** Rates of networks; 0: one does not learn. */
type OfNetworks = { readonly [K in 'unetRate' | 'textRate' | 'textRate2' | 'triggerRate']?: number | undefined }

/** The first such field that is given. Networks that learn at one rate, whichever that is, are alike. */
export function fieldOfRates(request: Partial<TrainRequest> & OfNetworks): (typeof multiplying)[number] | keyof OfNetworks | undefined {
  const { lr = 1, unetRate = lr, textRate = 0, textRate2 = textRate } = request
  const triggerRate = request.triggerVectors === undefined ? 0 : (request.triggerRate ?? usualTriggerRate)
  const learning = Object.entries({ unetRate, textRate, textRate2, triggerRate } satisfies OfNetworks).filter(([, rate]) => rate > 0)
  const [, other] = learning.find(([, rate]) => rate !== learning[0]?.[1]) ?? []
  const own = (['textRate2', 'textRate', 'unetRate'] as const).find((name) => request[name] !== undefined) ?? 'triggerRate'
  return multiplying.find((name) => (request[name] ?? 1) !== 1) ?? (other === undefined ? undefined : own)
}
