// θ before the first step, and in which parts optimizers see it.
import { layoutOf, views } from '../runtime/flat-parameters.ts'
import { parts } from './member-vectors.ts'
import type { Layout } from './optimizers/optimizer.ts'
import type { Extra, Member, Plan, Trainable, Views } from './plan.ts'

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

/** What all members are before the first step. Throws what a trainable's start throws. */
export async function resultAtStart<R>(plan: Plan<R>, members: readonly Member[]): Promise<R> {
  const of = async (trainables: Parameters<typeof startOf>[0]['trainables']): Promise<Views[]> => {
    const { placements } = layoutOf(trainables)
    return parts(await startOf({ trainables }, members), members.length).map((own) => views(placements, own))
  }
  const [thetas, frozen] = [await of(plan.trainables), await of(plan.frozen ?? [])]
  return plan.result(thetas.map((theta, k) => ({ theta, frozen: frozen[k] ?? {}, extra: extraOf(plan) })))
}

/** The vectors of a method's own before the first step. */
export const extraOf = ({ extra = {} }: Pick<Plan<unknown>, 'extra'>): Extra =>
  Object.fromEntries(Object.entries(extra).map(([name, length]) => [name, new Float32Array(length)]))
