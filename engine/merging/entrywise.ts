// Methods that look at the whole ΔW of each adapter entry by entry.
import type { Layer, Part, Whole } from './layer.ts'

/** Every adapter's ΔW, changed in place by `prune`, made one by `join`. */
export function entrywise(
  { rows, columns, parts }: Layer,
  prune: (values: Float32Array, part: Part) => void,
  join: (values: readonly Float32Array[], weights: readonly number[]) => Float32Array,
): Whole {
  const values = parts.map((part) => {
    const { data } = part.delta()
    prune(data, part)
    return data
  })
  return {
    rows,
    columns,
    data: join(
      values,
      parts.map(({ weight }) => weight),
    ),
  }
}
