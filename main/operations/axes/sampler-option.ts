import { samplerByName } from '../../../engine/samplers/sampler.ts'
import type { AxisKind } from './axis.ts'
import { optionKind } from './own-option.ts'

/** One option of the sampler that is chosen by then. */
export const samplerOptionAxis: AxisKind = {
  name: 'samplerOption',
  called: ['Sampler option'],
  ...optionKind('samplerOptions', (form) => samplerByName(form.sampler)),
}
