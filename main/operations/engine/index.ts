// Written by build/write-indexes.ts; do not edit. What the process does that trains and draws: calls into it are typed by this.
import { demo } from './demo.ts'
import { draw } from './draw.ts'
import { generate } from './generate.ts'
import { generateGrid } from './generate-grid.ts'
import { grid } from './grid.ts'
import { raceEntrant } from './race-entrant.ts'
import { raceSheet } from './race-sheet.ts'
import { train } from './train.ts'

export const engineOperations = { demo, draw, generate, generateGrid, grid, raceEntrant, raceSheet, train }
export type EngineOperations = typeof engineOperations
