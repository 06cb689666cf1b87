// Maps that go on at their other end: torch's `padding_mode='circular'`, by axis.
import { concat, slice, type Window } from '../graph/math.ts'
import type { Value } from '../graph/graph.ts'

const end = Number.MAX_SAFE_INTEGER

/** x (N, C, H, W) with what a window sees beyond these axes, from the other end; and the window without what was added. */
export function wrapped(x: Value, window: Window, axes: readonly number[]): readonly [Value, Window] {
  if (axes.length === 0 || !window.pads) return [x, window]
  let around = x
  const pads = [...window.pads] as [number, number, number, number]
  for (const axis of axes) {
    const [first, last] = [axis - 2, axis]
    const [before = 0, after = 0] = [pads[first], pads[last]]
    const parts = [
      ...(before > 0 ? [slice(around, axis, -before, end)] : []),
      around,
      ...(after > 0 ? [slice(around, axis, 0, after)] : []),
    ]
    around = concat(parts, axis)
    pads[first] = pads[last] = 0
  }
  return [around, { ...window, pads }]
}
