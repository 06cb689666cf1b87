// Written by build/write-indexes.ts; do not edit. What the process does that trains and draws: calls into it are typed by this.
import { draw } from './draw.ts'
import { grid } from './grid.ts'
import { train } from './train.ts'

export const engineOperations = { draw, grid, train }
export type EngineOperations = typeof engineOperations
