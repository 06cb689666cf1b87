import { div } from '../graph/math.ts'
import { unaryOp } from './shared/elementwise.ts'

export const Log = unaryOp('Log', ({ grad, input }) => div(grad(), input(0)), 'inside')
