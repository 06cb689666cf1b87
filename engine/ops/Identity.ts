import { unaryOp } from './shared/elementwise.ts'

export const Identity = unaryOp('Identity', ({ grad }) => grad())
