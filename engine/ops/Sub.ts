import { neg } from '../graph/math.ts'
import { binaryOp } from './shared/elementwise.ts'

export const Sub = binaryOp('Sub', ({ grad }) => ({ A: grad, B: () => neg(grad()) }))
