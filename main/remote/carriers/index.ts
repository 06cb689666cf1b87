// Written by build/write-indexes.ts; do not edit. Operations that a queue takes: how the files of each travel.
import { draw } from './draw.ts'
import { grid } from './grid.ts'
import { raceEntrant } from './race-entrant.ts'
import { train } from './train.ts'

export const carriers = { draw, grid, raceEntrant, train }
