import { mul } from '../graph/math.ts'
import { unaryOp } from './shared/elementwise.ts'

export const Abs = unaryOp('Abs', ({ grad, input, node }) => mul(grad(), node.inputs[0]!.graph.op('Sign', [input(0)])[0]!))
