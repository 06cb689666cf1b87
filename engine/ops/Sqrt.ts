import { div, mul } from '../graph/math.ts'
import { unaryOp } from './shared/elementwise.ts'

/** y = √x: dx = dy / (2y). */
export const Sqrt = unaryOp('Sqrt', ({ grad, output }) => div(grad(), mul(output(), 2)), 'inside')
