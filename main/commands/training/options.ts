import type { TrainingOptions } from '../../api/methods/training.ts'
import { none } from '../../api/shapes.ts'
import { hostCommand } from '../../studio/command.ts'
import { setFields, trainingFields, trainingPresets } from '../../studio/training-fields.ts'

export const options = hostCommand({
  input: none,
  run: (): TrainingOptions => ({ fields: trainingFields, setFields, presets: trainingPresets }),
})
