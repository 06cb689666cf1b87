import { dirname } from 'node:path'
import type { EngineOperations } from '../../operations/engine/index.ts'
import type { OperationInput } from '../../processes/operation.ts'
import { bringModel, carrier } from '../carrier.ts'

export const train = carrier<OperationInput<EngineOperations['train']>>({
  home: ({ out }) => dirname(out),
  carry(task, carrying) {
    const { bring, leave } = carrying
    const { dataset, sets, classPictures, heldOutFolder, continue: on, out, samples } = task
    return {
      ...bringModel(task, carrying),
      dataset: bring(dataset),
      ...(sets ? { sets: sets.map((set) => ({ ...set, folder: bring(set.folder) })) } : {}),
      ...(classPictures === undefined ? {} : { classPictures: bring(classPictures) }),
      ...(heldOutFolder === undefined ? {} : { heldOutFolder: bring(heldOutFolder) }),
      ...(on === undefined ? {} : { continue: bring(on) }),
      out: leave(out),
      ...(samples ? { samples: { ...samples, folder: leave(samples.folder) } } : {}),
    }
  },
})
