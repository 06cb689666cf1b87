import { splitModuleKey } from '../../../engine/adapter-formats/base-modules.ts'
import { moduleShapes } from '../../../engine/adapter-formats/read.ts'
import { familyCalled } from '../../../engine/models/family-called.ts'
import { openCheckpoint } from '../../../engine/models/open-checkpoint.ts'
import type { TrainRequest } from '../../../engine/requests/train.ts'
import { elementCount } from '../../../engine/tensor/tensor.ts'
import { variantOf } from '../../../engine/training/variant-of-request.ts'

export interface AdaptedSizes {
  /** Numbers that are learnt, as the adapter's variant has them. */
  readonly trainable: number
  readonly layers: number
}

export interface SizeQuestion {
  readonly path: string
  readonly request: Pick<TrainRequest, 'variant' | 'rank' | 'layers'>
}

/** Over the layers that training adapts. */
export async function adaptedSizes({ path, request }: SizeQuestion): Promise<AdaptedSizes> {
  const { family, shapes } = moduleShapes(await openCheckpoint(path))
  const targets = familyCalled(family).targets[request.layers]
  const { variant, options } = variantOf(request)
  const adapted = [...shapes].filter(([key]) => key.startsWith('unet.') && targets.test(key))
  const learnt = adapted.flatMap(([key, weight]) => variant.training.create({ ...splitModuleKey(key), weight }, options))
  return { trainable: learnt.reduce((sum, { shape }) => sum + elementCount(shape), 0), layers: adapted.length }
}
