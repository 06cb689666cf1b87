// Written by build/write-indexes.ts; do not edit. One kind of job a file.
import { caption } from './caption.ts'
import { fetch } from './fetch.ts'
import { generate } from './generate.ts'
import { grid } from './grid.ts'
import { merge } from './merge.ts'
import { race } from './race.ts'
import { train } from './train.ts'

export const jobKinds = { caption, fetch, generate, grid, merge, race, train }
