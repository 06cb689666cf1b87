import { randomInt } from 'node:crypto'
import { none } from '../../api/shapes.ts'
import { hostCommand } from '../../studio/command.ts'

/** A fresh seed. */
export const seed = hostCommand({
  input: none,
  run: (): number => randomInt(2 ** 32),
})
