import { mul } from '../graph/math.ts'
import { unaryOp } from './shared/elementwise.ts'

export const Exp = unaryOp('Exp', ({ grad, output }) => mul(grad(), output()), 'inside')
