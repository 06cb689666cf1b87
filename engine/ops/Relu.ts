import { cast, mul } from '../graph/math.ts'
import { unaryOp } from './shared/elementwise.ts'

/** dx = dy where y > 0. Sign of the output is 0 or 1. */
export const Relu = unaryOp('Relu', ({ grad, output }) => mul(grad(), cast(output().graph.op('Sign', [output()])[0]!, output().dtype)))
