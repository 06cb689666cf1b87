import { mul, sub } from '../graph/math.ts'
import { unaryOp } from './shared/elementwise.ts'

/** y = tanh x: dx = dy · (1 − y²). */
export const Tanh = unaryOp('Tanh', ({ grad, output }) => mul(grad(), sub(1, mul(output(), output()))))
