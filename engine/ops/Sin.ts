import { cos, mul } from '../graph/math.ts'
import { unaryOp } from './shared/elementwise.ts'

export const Sin = unaryOp('Sin', ({ grad, input }) => mul(grad(), cos(input(0))), 'inside')
