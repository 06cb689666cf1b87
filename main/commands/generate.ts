import { z } from 'zod'
import { publishedDefaults } from '../../engine/models/published-defaults.ts'
import { leftOpen } from '../../engine/requests/option.ts'
import { generateRequest } from '../../engine/requests/generate.ts'
import { samplers } from '../../engine/samplers/index.ts'
import { schedules } from '../../engine/schedules/index.ts'
import { modelFields } from '../api/model-fields.ts'
import { conditionFlags, fromFlags } from '../operations/condition-flags.ts'
import { embeddingChoice } from '../operations/embedding-choice.ts'
import { drawnLora } from '../operations/lora-choice.ts'
import { downLadder } from '../operations/memory-ladder.ts'
import { fromPairs, inPairs } from '../operations/option-pairs.ts'
import { embeddedDefaults } from '../places/embedded-defaults.ts'
import { engineCommand } from '../studio/command.ts'

const [embedded, other] = [embeddedDefaults.guidance, publishedDefaults.guidance]
const { conditions: _conditions, ...shape } = inPairs(generateRequest)
/** What a picture is asked for on a command line. */
export const pictureInput = z.object({
  ...shape,
  ...conditionFlags,
  ...modelFields,
  sampler: shape.sampler.meta({
    ...shape.sampler.meta(),
    description: `one of ${samplers.map(({ name }) => name).join(', ')}, or another program's name of one`,
  }),
  schedule: shape.schedule.meta({
    ...shape.schedule.meta(),
    description: `noise levels of the steps: one of ${schedules.map(({ name }) => name).join(', ')}, or another program's name of one`,
  }),
  // Which ones are usual depends on the model.
  cfg: leftOpen(
    shape.cfg,
    `${embedded.alone.cfg} on the embedded model, ${embedded.stacked.cfg} with adapters, ${other.alone.cfg} on other models`,
  ),
  adapterGuidance: leftOpen(
    shape.adapterGuidance,
    `${embedded.stacked.adapterGuidance} on the embedded model, ${other.stacked.adapterGuidance} on others`,
  ),
  guidanceStop: leftOpen(
    shape.guidanceStop,
    `${embedded.stacked.guidanceStop} on the embedded model with adapters, else ${other.alone.guidanceStop}`,
  ),
  lora: z.array(drawnLora).default([]).meta({
    description:
      'adapter and its strength (FILE alone: 1); FILE=0.8:te=0.5 sets that of the text encoders apart, :lbw= factors by block: 12, 17, 20 or 26 numbers, a preset as OUTALL, or IN04=0.5,M00=0; :start= and :stop= the steps after which it begins and ends, or their share, :curve= factors over them, as linear or 1@0,0.3@0.5; can be given several times',
    placeholder: 'FILE=WEIGHT',
  }),
  region: z.array(z.string().min(3).max(8192)).default([]).meta({
    description:
      'where an adapter acts, by its name: a box in shares of the picture (left,top,width,height), a mask, a picture that is white there, or auto: where its trigger words are found, auto:WORDS where these are; can be given several times',
    placeholder: 'ADAPTER=L,T,W,H|FILE|auto',
  }),
  style: z.array(z.string().min(1).max(200)).default([]).meta({
    description: 'style of styles.csv that the prompts are put into, by its name; can be given several times',
    placeholder: 'NAME',
  }),
  embedding: z.array(embeddingChoice).default([]).meta({
    description: 'textual inversion and the word that calls it in the prompts (FILE alone: its name); can be given several times',
    placeholder: 'FILE[=TOKEN]',
  }),
  loraFolder: z.string().min(1).optional().meta({
    description: 'where <lora:name:0.8> in the prompt looks for name.safetensors, then for that title; embeddings by their names too',
    placeholder: 'DIR',
    fallback: 'the library of the studio',
  }),
  noise: z.string().min(1).optional().meta({
    description: 'safetensors with the initial noise (1, C, h, w), in place of the noise of the seed',
    placeholder: 'FILE',
  }),
  latentsOut: z.string().min(1).optional().meta({ description: 'writes the clean latents as safetensors', placeholder: 'FILE' }),
  out: z.string().min(1).meta({ description: 'the picture, a .png file with its settings inside', placeholder: 'FILE' }),
})

export const generate = engineCommand({
  summary: 'Make a picture from a prompt, with any number of adapters.',
  order: 2,
  input: pictureInput,
  run: (engine, given, watching) =>
    downLadder((economy) => engine.call('generate', { ...fromPairs(given), ...fromFlags({ ...given }), economy }, watching), {
      renew: () => engine.renew?.(),
      tell: watching.onEvent,
      signal: watching.signal,
    }),
})
