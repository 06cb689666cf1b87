import { join } from 'node:path'
import { z } from 'zod'
import { stepPlan } from '../../engine/conditions/chosen.ts'
import { samplers } from '../../engine/samplers/index.ts'
import { samplerWritten } from '../../engine/samplers/sampler-names.ts'
import { chosenSampler } from '../../engine/samplers/sampler-options.ts'
import { writeFileAtomic } from '../../engine/files/atomic.ts'
import { moduleShapes } from '../../engine/adapter-formats/read.ts'
import { parametersChunk } from '../../engine/images/infotext.ts'
import { leftOpen } from '../../engine/requests/option.ts'
import { generateRequest } from '../../engine/requests/generate.ts'
import { command } from '../api/command.ts'
import { parsePrompt } from '../api/prompt.ts'
import { dataFolder } from '../places/places.ts'
import { conditionFlags, fromFlags } from './condition-flags.ts'
import { drain } from './drain.ts'
import { guidance, guidanceOf } from '../places/embedded.ts'
import { readNoise, sizeFromNoise, writeLatents } from './latents-file.ts'
import { loadLoras, loraChoice } from './lora-choice.ts'
import { findMentioned } from './mentioned-loras.ts'
import { modelFields, openModel } from './open-model.ts'
import { fromPairs, inPairs } from './option-pairs.ts'
import { prepareOutput } from './output-file.ts'
import { infotext } from './picture-settings.ts'

const { embedded, other } = guidance
const { conditions: _conditions, ...shape } = inPairs(generateRequest)
const input = z.object({
  ...shape,
  ...conditionFlags,
  ...modelFields,
  sampler: shape.sampler.meta({
    ...shape.sampler.meta(),
    description: `one of ${samplers.map(({ name }) => name).join(', ')}, or another program's name of one`,
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
  lora: z.array(loraChoice).default([]).meta({
    description: 'adapter and its strength (FILE alone: 1); can be given several times',
    placeholder: 'FILE=WEIGHT',
  }),
  loraFolder: z.string().min(1).optional().meta({
    description: 'where <lora:name:0.8> in the prompt looks for name.safetensors, then for that title',
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

export const generate = command({
  name: 'generate',
  summary: 'Make a picture from a prompt, with any number of adapters.',
  input,
  async run(context, given, signal) {
    const { samplerOptions } = fromPairs(given)
    const { conditions } = fromFlags(given)
    const sampler = chosenSampler({ sampler: given.sampler, samplerOptions })
    stepPlan({ steps: given.steps, conditions })
    const out = await prepareOutput(given.out, '.png')
    const latentsOut = given.latentsOut && (await prepareOutput(given.latentsOut, '.safetensors'))
    const noise = given.noise ? await readNoise(given.noise) : undefined
    const { text: prompt, loras: mentions } = parsePrompt(given.prompt)
    const mentioned = await findMentioned(mentions, given.loraFolder ?? join(dataFolder(), 'library'))

    await using model = await openModel(context, given)
    const { checkpoint, pixelFactor } = model
    const size = noise && sizeFromNoise(noise, { channels: checkpoint.unet.config.inChannels, pixelFactor }, given)
    const loras = await loadLoras([...given.lora, ...mentioned], moduleShapes(checkpoint), (event) => context.emit(event))
    const usual = guidanceOf(given.model)[loras.length > 0 ? 'stacked' : 'alone']
    const chosen = {
      cfg: given.cfg ?? usual.cfg,
      adapterGuidance: given.adapterGuidance ?? usual.adapterGuidance,
      guidanceStop: given.guidanceStop ?? usual.guidanceStop,
    }
    const request = { ...generateRequest.parse({ ...given, ...chosen, samplerOptions, conditions, prompt }), ...size }

    const [{ generate: generateVerb }, { encodePng }] = await Promise.all([
      import('../../engine/generate.ts'),
      import('../../engine/images/write-png.ts'),
    ])
    const started = performance.now()
    const options = { stack: loras.map(({ entry }) => entry), signal, ...(noise ? { noise } : {}) }
    const { rgb, width, height, latents } = await drain(generateVerb(model, request, options), (event) => context.emit(event))

    const text = infotext(request, {
      width,
      height,
      sampler: samplerWritten(sampler, model.process.asked),
      model: checkpoint.name,
      vaePath: checkpoint.vaePath,
      loras,
    })
    await writeFileAtomic(out, await encodePng({ width, height, data: rgb }, [parametersChunk(text)]))
    if (latentsOut) await writeLatents(latentsOut, latents)
    return {
      out,
      ...(latentsOut ? { latentsOut } : {}),
      width,
      height,
      seed: request.seed,
      sampler: request.sampler,
      ...(samplerOptions ? { samplerOptions } : {}),
      ...(conditions ? { conditions } : {}),
      steps: request.steps,
      cfg: request.cfg,
      adapterGuidance: request.adapterGuidance,
      guidanceStop: request.guidanceStop,
      model: checkpoint.name,
      seconds: (performance.now() - started) / 1000,
      loras: loras.map(({ entry, hash }) => ({
        name: entry.adapter.name,
        weight: entry.weight,
        layers: entry.adapter.modules.length,
        hash,
      })),
    }
  },
})
