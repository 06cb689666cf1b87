import { mul, neg } from '../graph/math.ts'
import { unaryOp } from './shared/elementwise.ts'

/** y = 1/x: dx = −dy · y². */
export const Reciprocal = unaryOp('Reciprocal', ({ grad, output }) => neg(mul(grad(), mul(output(), output()))), 'inside')
