import { neg } from '../graph/math.ts'
import { unaryOp } from './shared/elementwise.ts'

export const Neg = unaryOp('Neg', ({ grad }) => neg(grad()))
