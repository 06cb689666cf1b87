// θ before the first step, and in which parts optimizers see it.
import { layoutOf } from '../runtime/flat-parameters.ts'
import type { Layout } from './optimizers/optimizer.ts'
import type { Member, Plan, Trainable } from './plan.ts'

/** Neighbours that learn at the same rate are one range. */
export function optimizerLayout(trainables: readonly Trainable[]): Layout {
  const { placements, size } = layoutOf(trainables)
  const ranges: { from: number; to: number; rate: number }[] = []
  for (const [i, { offset }] of placements.entries()) {
    const [last, to, rate] = [ranges.at(-1), placements[i + 1]?.offset ?? size, trainables[i]?.rate ?? 1]
    if (last?.rate === rate) last.to = to
    else ranges.push({ from: offset, to, rate })
  }
  return { placements, ranges }
}

/** Of all members, behind each other. Throws what a trainable's start throws. */
export async function startOf({ trainables }: Pick<Plan<unknown>, 'trainables'>, members: readonly Member[]): Promise<Float32Array> {
  const { placements, size } = layoutOf(trainables)
  const theta = new Float32Array(size * members.length)
  for (const member of members)
    for (const [i, { offset }] of placements.entries()) theta.set((await trainables[i]?.start(member)) ?? [], member.index * size + offset)
  return theta
}
