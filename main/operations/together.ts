// Those who train one adapter together, by the queue that they were given the work by.
import { PigmentError } from '../../engine/requests/error.ts'
import type { TrainRequest } from '../../engine/requests/train.ts'
import { Exchange, type ExchangeOptions } from '../../engine/training/exchange.ts'
import type { QueueAddress } from '../redis/address.ts'

export interface TrainedTogether {
  /** The same for all of them, and for nobody else; the queue gives it. */
  readonly group?: string
  readonly rank: number
  readonly size: number
  /** Where they meet; each worker knows it. */
  readonly address?: QueueAddress
  readonly patience?: ExchangeOptions['patience']
}

/** Nothing where one trains alone. Throws `together-nowhere`. */
export async function exchangeOf(
  together: TrainedTogether | undefined,
  { members, accumulation }: Pick<TrainRequest, 'members' | 'accumulation'>,
  signal: AbortSignal,
): Promise<(AsyncDisposable & { readonly exchange: Exchange }) | undefined> {
  if (!together) return undefined
  const { group, rank, size, address, patience } = together
  if (group === undefined || !address)
    throw new PigmentError(
      'together-nowhere',
      'Workers meet at a queue, and none was named: give --queue and --store, and start as many workers there.',
      { size },
    )
  const { redisLine } = await import('../redis/redis-exchange.ts')
  const line = await redisLine(address, group, members * Math.max(accumulation, size + accumulation))
  return { exchange: new Exchange(line, { rank, size, patience, signal }), [Symbol.asyncDispose]: () => line[Symbol.asyncDispose]() }
}
