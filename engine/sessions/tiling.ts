import type { Tiling } from '../requests/tiling-fields.ts'

/** The axes of maps (N, C, H, W) that go on at their other end. */
export const wrapAxes = (tiling: Tiling = 'none'): readonly number[] => axes[tiling]

const axes: Readonly<Record<Tiling, readonly number[]>> = { none: [], both: [2, 3], x: [3], y: [2] }
