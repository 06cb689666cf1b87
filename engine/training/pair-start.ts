// What the pairs of a request begin as, and the pair that one becomes whose start was taken out of its weight.
import { pairStarts } from '../adapters/starts/index.ts'
import type { PairStart } from '../adapters/starts/start.ts'
import type { LowRank } from '../adapters/low-rank.ts'
import { PigmentError } from '../requests/error.ts'
import { chosenOf } from '../requests/own-options.ts'
import { readBlockRanks } from '../requests/adapter-fields.ts'
import { trainRequest, type TrainRequest } from '../requests/train.ts'
import { memberRank } from '../requests/members.ts'
import type { Tensor } from '../tensor/tensor.ts'

/** The start of a request, and its options. Throws `start-option-unknown`, `start-option-invalid`. */
export function pairStartOf(request: Partial<TrainRequest>): {
  readonly one: PairStart
  readonly options: Readonly<Record<string, unknown>>
} {
  const chosen = chosenOf({ field: 'start', choices: pairStarts, request: trainRequest, usual: 'standard' }, request)
  // Names and list are written from the same folder.
  return chosen as NonNullable<typeof chosen>
}

/** Throws `start-continued`, `start-members`, `start-rank`, and the above. */
export function startRules(request: Pick<TrainRequest, 'rank' | 'members'> & Partial<TrainRequest>, continued = false): void {
  const { one } = pairStartOf(request)
  const { title, taken } = one
  if (continued && one.pair) {
    const sentence = `An adapter that is trained further begins as it is, and not by ${title}. Leave the start out, or begin anew.`
    throw new PigmentError('start-continued', sentence, { start: title })
  }
  if (request.members > 1 && taken) {
    const sentence = `${title} takes its pair out of the weight, and ${request.members} members would each take the same. Set members to 1, or choose another start.`
    throw new PigmentError('start-members', sentence, { start: title, members: request.members })
  }
  if (!one.refuses) return
  const { rank, convRank = rank, blockRanks } = request
  const ranks = new Set([rank, convRank, ...(blockRanks === undefined ? [] : Object.values(readBlockRanks(blockRanks)))])
  for (const whole of ranks) {
    const own = memberRank({ rank: whole, members: request.members })
    const why = one.refuses(own)
    if (why === undefined) continue
    throw new PigmentError('start-rank', `${title} cannot begin a pair: a rank of ${own} ${why}, or another start.`, {
      start: title,
      rank: own,
    })
  }
}

/** s·B·A − s·B₀·A₀ as one pair of twice the rank: [A; A₀], [B | −B₀], and twice the alpha, so that alpha / rank is s still. */
export function withoutStart(pair: LowRank, start: Omit<LowRank, 'alpha'>): LowRank {
  const [rank = 0, ...window] = pair.down.shape
  const [outputs = 0, , ...ones] = pair.up.shape
  const down = new Float32Array(2 * pair.down.data.length)
  down.set(pair.down.data)
  down.set(start.down.data, pair.down.data.length)
  const up = new Float32Array(2 * pair.up.data.length)
  for (let o = 0; o < outputs; o++)
    for (let r = 0; r < rank; r++) {
      up[o * 2 * rank + r] = pair.up.data[o * rank + r] as number
      up[o * 2 * rank + rank + r] = -(start.up.data[o * rank + r] as number)
    }
  const tensor = (shape: readonly number[], data: Float32Array): Tensor => ({ shape, data })
  return { down: tensor([2 * rank, ...window], down), up: tensor([outputs, 2 * rank, ...ones], up), alpha: 2 * pair.alpha }
}
