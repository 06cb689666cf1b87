// Written by build/write-indexes.ts; do not edit. One way in which a pair begins a file.
import type { PairStart } from './start.ts'
import { gaussian } from './gaussian.ts'
import { olora } from './olora.ts'
import { orthogonal } from './orthogonal.ts'
import { pissa } from './pissa.ts'
import { standard } from './standard.ts'
import { svdDown } from './svd-down.ts'

export const pairStarts: readonly PairStart[] = [gaussian, olora, orthogonal, pissa, standard, svdDown]
