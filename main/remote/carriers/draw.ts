import { dirname } from 'node:path'
import type { DrawTask } from '../../operations/engine/draw.ts'
import { bringModel, bringPicture, carrier } from '../carrier.ts'

export const draw = carrier<DrawTask>({
  home: ({ pictures }) => dirname(pictures[0]?.out ?? '.'),
  carry: (task, carrying) => ({
    ...bringModel(task, carrying),
    pictures: task.pictures.map((one) => ({ ...bringPicture(one, carrying), out: carrying.leave(one.out) })),
  }),
})
