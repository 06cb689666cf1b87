// Forms of requests, drawn from the engine's schemas: a new field there appears here by itself.
import type { z } from 'zod'
import { samplers } from '../../engine/samplers/index.ts'
import { optionsOf } from '../../engine/samplers/sampler-options.ts'
import { generateRequest } from '../../engine/requests/generate.ts'
import { trainRequest } from '../../engine/requests/train.ts'
import type { SamplerCard } from '../api/methods/generate.ts'
import type { FieldDescription, Preset } from '../api/methods/training.ts'
import { generate } from '../operations/generate.ts'
import { train } from '../operations/train.ts'
import { boundsOf, described } from '../../engine/requests/schema-bounds.ts'

type Extra = Partial<Pick<FieldDescription, 'group' | 'level' | 'unit' | 'step' | 'logarithmic'>>

/** Only what a schema does not say: where a field stands and how it is moved. */
const training: Readonly<Record<string, Extra>> = {
  rank: { group: 'network', level: 'basic', step: 1 },
  alpha: { group: 'network', level: 'basic', step: 1 },
  members: { group: 'network', step: 1 },
  layers: { group: 'network' },
  steps: { group: 'course', level: 'basic', unit: 'steps', step: 50 },
  batch: { group: 'course', level: 'basic', unit: 'pictures', step: 1 },
  optimizer: { group: 'course' },
  lr: { group: 'course', level: 'basic', logarithmic: true },
  loraPlus: { group: 'course', step: 1 },
  ema: { group: 'course', step: 0.01 },
  trigger: { group: 'captions', level: 'basic' },
  accumulation: { group: 'course', unit: 'micro-batches', step: 1 },
  course: { group: 'course' },
  warmup: { group: 'course', unit: 'steps', step: 10 },
  weightDecay: { group: 'course', step: 0.01 },
  maxGradNorm: { group: 'course', step: 0.1 },
  lossWeight: { group: 'course' },
  minSnrGamma: { group: 'course', step: 0.5 },
  resolution: { group: 'pictures', unit: 'px', step: 64 },
  flip: { group: 'pictures' },
  captionDropout: { group: 'captions', unit: 'share', step: 0.01 },
  captionPolicy: { group: 'captions' },
  badPictures: { group: 'pictures' },
}
const picture: Readonly<Record<string, Extra>> = {
  width: { group: 'picture', level: 'basic', unit: 'px', step: 8 },
  height: { group: 'picture', level: 'basic', unit: 'px', step: 8 },
  steps: { group: 'picture', level: 'basic', unit: 'steps', step: 1 },
  cfg: { group: 'picture', level: 'basic', step: 0.5 },
  adapterGuidance: { group: 'picture', step: 0.25 },
  guidanceStop: { group: 'picture', unit: 'share', step: 0.05 },
  sampler: { group: 'picture', level: 'basic' },
  seed: { group: 'picture', level: 'basic', step: 1 },
}

function fieldsOf(
  schema: z.ZodObject,
  words: z.ZodObject,
  extras: Readonly<Record<string, Extra>>,
  leftOut: readonly string[],
): FieldDescription[] {
  return Object.entries(described(schema).properties ?? {}).flatMap(([key, field]) => {
    if (leftOut.includes(key)) return []
    const meta = (words.shape[key] as z.ZodType | undefined)?.meta() as { description?: string } | undefined
    const extra = extras[key] ?? {}
    return {
      key,
      ...boundsOf(field),
      level: extra.level ?? 'advanced',
      group: extra.group ?? 'machine',
      optional: (schema.shape[key] as z.ZodType).safeParse(undefined).success && field.default === undefined,
      ...(field.default === undefined ? {} : { default: field.default }),
      ...(extra.step === undefined ? {} : { step: extra.step }),
      ...(extra.logarithmic ? { logarithmic: true } : {}),
      ...(extra.unit ? { unit: extra.unit } : {}),
      reason: meta?.description ?? '',
    }
  })
}

export const trainingFields = fieldsOf(trainRequest, train.input, training, ['dataset', 'title'])
export const pictureFields = fieldsOf(generateRequest, generate.input, picture, ['prompt', 'negative', 'samplerOptions'])

export const samplerCards: readonly SamplerCard[] = samplers.map((sampler) => ({
  name: sampler.name,
  title: sampler.title,
  options: optionsOf(sampler).map(({ name, bounds, default: usual, description, step }) => ({
    key: name,
    ...bounds,
    level: 'advanced',
    group: 'picture',
    optional: false,
    default: usual,
    ...(step === undefined ? {} : { step }),
    reason: description,
  })),
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
