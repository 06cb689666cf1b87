import { dirname } from 'node:path'
import type { EngineOperations } from '../../operations/engine/index.ts'
import type { OperationInput } from '../../processes/operation.ts'
import { fieldsOf } from '../../../engine/requests/fields.ts'
import { trainRequest } from '../../../engine/requests/train.ts'
import { bringModel, carrier } from '../carrier.ts'

/** Folders of pictures and masks, whatever they are for. */
const folders = fieldsOf(trainRequest).flatMap(({ path, key }) => (path === 'folder' ? [key] : []))

export const train = carrier<OperationInput<EngineOperations['train']>>({
  home: ({ out }) => dirname(out),
  carry(task, carrying) {
    const { bring, leave } = carrying
    const { dataset, sets, continue: on, out, samples, keeping } = task
    const given = task as unknown as Readonly<Record<string, unknown>>
    const named = folders.filter((key) => typeof given[key] === 'string')
    return {
      ...bringModel(task, carrying),
      ...Object.fromEntries(named.map((key) => [key, bring(given[key] as string)])),
      dataset: bring(dataset),
      ...(sets ? { sets: sets.map((set) => ({ ...set, folder: bring(set.folder) })) } : {}),
      ...(on === undefined ? {} : { continue: bring(on) }),
      out: leave(out),
      ...(keeping ? { keeping: { ...keeping, folder: leave(keeping.folder) } } : {}),
      ...(samples ? { samples: { ...samples, folder: leave(samples.folder) } } : {}),
    }
  },
})
