import { mul } from '../graph/math.ts'
import { binaryOp } from './shared/elementwise.ts'

export const Mul = binaryOp('Mul', ({ grad, input }) => ({ A: () => mul(grad(), input(1)), B: () => mul(grad(), input(0)) }))
