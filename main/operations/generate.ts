import { join } from 'node:path'
import { z } from 'zod'
import { acts, type StackEntry } from '../../engine/adapters/stack.ts'
import { samplers } from '../../engine/samplers/index.ts'
import { samplerWritten } from '../../engine/samplers/sampler-names.ts'
import { chosenSampler, optionsWritten } from '../../engine/samplers/sampler-options.ts'
import { writeFileAtomic } from '../../engine/files/atomic.ts'
import { moduleShapes } from '../../engine/adapter-formats/read.ts'
import { buildInfotext, parametersChunk } from '../../engine/images/infotext.ts'
import { vaeTitle } from '../../engine/models/separate-vae.ts'
import { generateRequest, type GenerateRequest } from '../../engine/requests/generate.ts'
import { command, described } from '../api/command.ts'
import { parsePrompt } from '../api/prompt.ts'
import { dataFolder } from '../places/places.ts'
import { drain } from './drain.ts'
import { guidance, guidanceOf } from '../places/embedded.ts'
import { readNoise, sizeFromNoise, writeLatents } from './latents-file.ts'
import { loadLoras, loraChoice, type LoadedLora } from './lora-choice.ts'
import { findMentioned } from './mentioned-loras.ts'
import { modelFields, modelWords, openModel } from './open-model.ts'
import { prepareOutput } from './output-file.ts'
import { samplerOption, samplerOptionHelp } from './sampler-choice.ts'

const { embedded, other } = guidance
const input = described(
  generateRequest.omit({ samplerOptions: true }).extend({
    ...modelFields,
    // Which ones are usual depends on the model.
    cfg: generateRequest.shape.cfg.unwrap().optional(),
    adapterGuidance: generateRequest.shape.adapterGuidance.unwrap().optional(),
    guidanceStop: generateRequest.shape.guidanceStop.unwrap().optional(),
    samplerOption: z.array(samplerOption).default([]),
    lora: z.array(loraChoice).default([]),
    loraFolder: z.string().min(1).optional(),
    noise: z.string().min(1).optional(),
    latentsOut: z.string().min(1).optional(),
    out: z.string().min(1),
  }),
  {
    ...modelWords,
    prompt: ['P', 'what to draw'],
    negative: ['Q', 'what to keep away from'],
    width: ['W', 'pixels (default: the usual size of the model)'],
    height: ['H', 'pixels (default: the usual size of the model)'],
    steps: ['N', 'steps of the sampler'],
    sampler: ['NAME', `one of ${samplers.map(({ name }) => name).join(', ')}, or another program's name of one`],
    samplerOption: ['NAME=VALUE', samplerOptionHelp()],
    cfg: [
      'X',
      `how closely to follow the prompt; 1 is fastest and ignores the negative prompt (default: ${embedded.alone.cfg} on the embedded model, ${embedded.stacked.cfg} with adapters, ${other.alone.cfg} on other models)`,
    ],
    adapterGuidance: [
      'X',
      `how far to go from the model's own picture of the prompt to that under the adapters, apart from --cfg; 0 leaves both to --cfg, as other programs do (default: ${embedded.stacked.adapterGuidance} on the embedded model, ${other.stacked.adapterGuidance} on others)`,
    ],
    guidanceStop: [
      'X',
      `share of the steps that are guided, the first ones; the others follow the prompt under the adapters alone, in one pass each (default: ${embedded.stacked.guidanceStop} on the embedded model with adapters, else ${other.alone.guidanceStop})`,
    ],
    seed: ['S', 'the same seed and settings give the same picture'],
    emphasis: ['NAME', 'whose reading of prompts: of (word:1.2), of where a long one is cut, and of an empty negative of SDXL'],
    mode: 'stacked: adapters are inputs; folded: they are added into the weights first',
    lora: ['FILE=WEIGHT', 'adapter and its strength (FILE alone: 1); can be given several times'],
    loraFolder: [
      'DIR',
      'where <lora:name:0.8> in the prompt looks for name.safetensors, then for that title (default: the library of the studio)',
    ],
    noise: ['FILE', 'safetensors with the initial noise (1, C, h, w), in place of the noise of the seed'],
    latentsOut: ['FILE', 'writes the clean latents as safetensors'],
    out: ['FILE', 'the picture, a .png file with its settings inside'],
  },
)

export const generate = command({
  name: 'generate',
  summary: 'Make a picture from a prompt, with any number of adapters.',
  input,
  async run(context, given, signal) {
    const samplerOptions = given.samplerOption.length > 0 ? Object.fromEntries(given.samplerOption) : undefined
    const sampler = chosenSampler({ sampler: given.sampler, samplerOptions })
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
    const request = { ...generateRequest.parse({ ...given, ...chosen, samplerOptions, prompt }), ...size }

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
      sampler: samplerWritten(sampler, model.schedule.config),
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

export interface Made {
  readonly width: number
  readonly height: number
  readonly sampler: ReturnType<typeof samplerWritten>
  readonly model: string
  /** Where the VAE lies that stood in place of the model's own. */
  readonly vaePath?: string | undefined
  readonly loras: readonly LoadedLora[]
}

/**
 * The settings as A1111 writes them. The prompt ends with a tag for each adapter: A1111 draws by them, and galleries read strengths there. An entry
 * of our own has the weights as they are: `0.8`, or `TE:UNET` as in a tag.
 */
export function infotext(request: GenerateRequest, { width, height, sampler, model, vaePath, loras }: Made): string {
  const active = loras.filter(({ entry }) => acts(entry))
  const list = (of: (lora: LoadedLora) => string): string | undefined =>
    active.length > 0 ? active.map((lora) => `${lora.entry.adapter.name.replace(/[,:]/g, '_')}: ${of(lora)}`).join(', ') : undefined
  const tags = active.flatMap(({ entry }) =>
    /[<>:\n]/.test(entry.adapter.name) ? [] : [`<lora:${entry.adapter.name}:${strengthText(entry)}>`],
  )
  return buildInfotext([request.prompt, tags.join('')].filter(Boolean).join(' '), request.negative, [
    ['Steps', request.steps],
    ['Sampler', sampler.sampler],
    ['Schedule type', sampler.schedule],
    ['CFG scale', request.cfg],
    ['Seed', request.seed],
    ['Size', `${width}x${height}`],
    ['Emphasis', request.emphasis === 'a1111' ? undefined : request.emphasis === 'none' ? 'None' : 'ComfyUI'],
    ['Model', model],
    ['VAE', vaePath === undefined ? undefined : vaeTitle(vaePath)],
    ['Lora hashes', list(({ hash }) => hash)],
    ['Lora weights', list(({ entry }) => strengthText(entry))],
    ['Adapter guidance', active.length > 0 && request.adapterGuidance !== 0 ? request.adapterGuidance : undefined],
    ['Guidance stop', request.guidanceStop === 1 ? undefined : request.guidanceStop],
    ...optionsWritten(chosenSampler(request), request.samplerOptions),
    ['Version', 'Pigment'],
  ])
}

const strengthText = ({ weight, textWeight = weight }: StackEntry): string =>
  textWeight === weight ? String(weight) : `${textWeight}:${weight}`
