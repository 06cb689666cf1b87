import { div, mul, neg } from '../graph/math.ts'
import { binaryOp } from './shared/elementwise.ts'

/** y = a / b: da = dy / b, db = −dy · y / b. */
export const Div = binaryOp('Div', ({ grad, input, output }) => ({
  A: () => div(grad(), input(1)),
  B: () => neg(div(mul(grad(), output()), input(1))),
}))
