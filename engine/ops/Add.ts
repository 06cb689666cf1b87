import { binaryOp } from './shared/elementwise.ts'

export const Add = binaryOp('Add', ({ grad }) => ({ A: grad, B: grad }))
