// Forms of requests, drawn from their schemas: a field stands where its meta says, and one without a group has no place of its own.
import { fieldsOf } from '../../engine/requests/fields.ts'
import { samplers } from '../../engine/samplers/index.ts'
import { optionsOf } from '../../engine/samplers/sampler-options.ts'
import { generateForm, type SamplerCard } from '../api/methods/generate.ts'
import { trainingForm, type Preset } from '../api/methods/training.ts'

export const trainingFields = fieldsOf(trainingForm).filter(({ group }) => group)
export const pictureFields = fieldsOf(generateForm).filter(({ group }) => group)

export const samplerCards: readonly SamplerCard[] = samplers.map((sampler) => ({
  name: sampler.name,
  title: sampler.title,
  options: optionsOf(sampler),
}))

/** Three ways to begin. `balanced` is how the demo learns. */
export const trainingPresets: readonly Preset[] = [
  { name: 'quick', values: { steps: 60, rank: 8, alpha: 8, batch: 4, lr: 2e-3, course: 'cosine', checkpointEvery: 20 } },
  {
    name: 'balanced',
    values: {
      steps: 125,
      rank: 64,
      alpha: 64,
      members: 4,
      layers: 'all',
      batch: 8,
      lr: 4e-3,
      course: 'cosine',
      warmup: 41,
      checkpointEvery: 25,
    },
  },
  {
    name: 'thorough',
    values: {
      steps: 1500,
      rank: 32,
      alpha: 32,
      layers: 'all',
      batch: 8,
      lr: 5e-4,
      course: 'cosine',
      warmup: 50,
      flip: true,
      checkpointEvery: 100,
    },
  },
]
