import { mul, sub } from '../graph/math.ts'
import { unaryOp } from './shared/elementwise.ts'

/** y = σ(x): dx = dy · y(1 − y). */
export const Sigmoid = unaryOp('Sigmoid', ({ grad, output }) => mul(grad(), mul(output(), sub(1, output()))))
