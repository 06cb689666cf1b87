import { PigmentError } from '../../../engine/requests/error.ts'
import { samplers } from '../../../engine/samplers/index.ts'
import { samplerByName } from '../../../engine/samplers/sampler.ts'
import type { AxisKind } from './axis.ts'

export const samplerAxis: AxisKind = {
  name: 'sampler',
  called: ['Sampler'],
  read: (words, { refuse }) =>
    words.map((word, place) => {
      try {
        return samplerByName(word).name
      } catch (error) {
        if (!(error instanceof PigmentError)) throw error
        return refuse(place, word, `one of ${samplers.map(({ name }) => name).join(', ')}`)
      }
    }),
  steps: ({ values }) =>
    values.map(String).map((sampler) => ({
      label: samplers.find(({ name }) => name === sampler)?.title ?? sampler,
      // Options are of the form's own sampler; another has its defaults.
      change: (form) => (sampler === form.sampler ? form : { ...form, sampler, samplerOptions: undefined }),
    })),
}
