import { exp, mul, neg } from '../graph/math.ts'
import { unaryOp } from './shared/elementwise.ts'

/** erf′(x) = 2/√π · e^(−x²). */
export const Erf = unaryOp('Erf', ({ grad, input }) => mul(grad(), mul(exp(neg(mul(input(0), input(0)))), 2 / Math.sqrt(Math.PI))))
