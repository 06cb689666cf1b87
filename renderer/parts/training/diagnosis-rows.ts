// The figures of a run's diagnosis as rows: by block, with their courses drawn on one scale so that blocks can be told from one another.
import type { Diagnosis } from '../../../engine/requests/diagnosis.ts'

export interface BlockCourse {
  readonly first: number
  readonly last: number
  /** Of a polyline in 100 × 20, on a logarithmic scale that all blocks share; nothing of a single look. */
  readonly line: string
}
export interface BlockRow {
  readonly block: string
  readonly gradNorm: BlockCourse
  readonly update: BlockCourse
}
const [width, height] = [100, 20]

/** The blocks of the last look, in its order. */
export function blockRows(looks: Diagnosis['looks']): readonly BlockRow[] {
  const [first, last] = [looks[0]?.step ?? 0, looks.at(-1)?.step ?? 1]
  const x = (step: number): number => ((step - first) / Math.max(1, last - first)) * width
  const courseOf = (of: 'gradNorm' | 'update'): ((block: string) => BlockCourse) => {
    const seen = looks.flatMap(({ blocks }) => blocks.flatMap((one) => (one[of] > 0 ? [Math.log(one[of])] : [])))
    const [low, high] = [Math.min(...seen), Math.max(...seen)]
    const y = (value: number): number => (value > 0 && high > low ? height * (1 - (Math.log(value) - low) / (high - low)) : height)
    return (block) => {
      const points = looks.flatMap(({ step, blocks }) => {
        const value = blocks.find((one) => one.block === block)?.[of]
        return value === undefined ? [] : [{ step, value }]
      })
      return {
        first: points[0]?.value ?? 0,
        last: points.at(-1)?.value ?? 0,
        line: points.length > 1 ? points.map(({ step, value }) => `${x(step).toFixed(1)},${y(value).toFixed(1)}`).join(' ') : '',
      }
    }
  }
  const [gradNorm, update] = [courseOf('gradNorm'), courseOf('update')]
  return (looks.at(-1)?.blocks ?? []).map(({ block }) => ({ block, gradNorm: gradNorm(block), update: update(block) }))
}

export interface RankRow {
  readonly block: string
  readonly layers: readonly { readonly layer: string; readonly rank: number; readonly used: number }[]
  /** Means over its layers. */
  readonly rank: number
  readonly used: number
}

/** Layers by their block, in the order in which these are first named. */
export const rankRows = ({ layers }: NonNullable<Diagnosis['rankUse']>): readonly RankRow[] =>
  Array.from(
    Map.groupBy(layers, ({ block }) => block ?? 'other'),
    ([block, among]) => {
      const mean = (of: 'rank' | 'used'): number => among.reduce((sum, one) => sum + one[of], 0) / among.length
      return { block, layers: among, rank: mean('rank'), used: mean('used') }
    },
  )
