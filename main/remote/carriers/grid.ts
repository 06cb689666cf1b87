import { dirname } from 'node:path'
import type { GridTask } from '../../operations/engine/grid.ts'
import { bringModel, bringPicture, carrier } from '../carrier.ts'

export const grid = carrier<GridTask>({
  home: ({ out }) => dirname(out),
  carry: (task, carrying) => ({
    ...bringModel(task, carrying),
    cells: task.cells.map((row) => row.map((cell) => bringPicture(cell, carrying))),
    out: carrying.leave(task.out),
  }),
})
