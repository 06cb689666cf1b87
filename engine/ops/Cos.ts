import { mul, neg, sin } from '../graph/math.ts'
import { unaryOp } from './shared/elementwise.ts'

export const Cos = unaryOp('Cos', ({ grad, input }) => neg(mul(grad(), sin(input(0)))), 'inside')
