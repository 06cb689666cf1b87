import { join } from 'node:path'
import { moduleShapes } from '../../../engine/adapter-formats/read.ts'
import { checkSampling, promptsAsked, stepPlan } from '../../../engine/conditions/chosen.ts'
import { checkFit } from '../../../engine/embeddings/fit.ts'
import { writeFileAtomic } from '../../../engine/files/atomic.ts'
import { parametersChunk } from '../../../engine/images/infotext.ts'
import { blockWeightsText } from '../../../engine/requests/block-weights.ts'
import { checkRegions } from '../../../engine/requests/regions.ts'
import { isFarSize } from '../../../engine/requests/far-size.ts'
import { generateRequest, type GenerateRequest } from '../../../engine/requests/generate.ts'
import type { Economy } from '../../../engine/sessions/economy.ts'
import { parsePrompt } from '../../api/prompt.ts'
import { defaultsOf } from '../../places/model-defaults.ts'
import { dataFolder } from '../../places/places.ts'
import type { OperationContext } from '../../processes/operation.ts'
import { regionsSaid, withRegions } from '../adapter-regions.ts'
import { drain } from '../drain.ts'
import { drawnForm, promptSource } from '../drawn-form.ts'
import type { DrawingEvent } from '../events.ts'
import { infotext, sizeAsked } from '../picture-settings.ts'
import { readNoise, sizeFromNoise, writeLatents } from '../latents-file.ts'
import { loadLoras } from '../load-loras.ts'
import type { LoraChoice } from '../lora-choice.ts'
import type { Machinery } from '../machinery.ts'
import { filesCalled } from '../called-files.ts'
import { longerSide, orRung } from '../memory-ladder.ts'
import { embeddingsOfPicture, loadEmbeddings } from '../load-embeddings.ts'
import type { EmbeddingFile } from '../picture-task.ts'
import { findMentioned } from '../mentioned-loras.ts'
import { openModel, type ModelChoice } from '../open-model.ts'
import { prepareOutput } from '../output-file.ts'

type Guided = Pick<GenerateRequest, 'cfg' | 'adapterGuidance' | 'guidanceStop'>

export interface GenerateGiven extends Machinery, ModelChoice, Omit<GenerateRequest, keyof Guided>, Partial<Guided> {
  readonly lora: readonly LoraChoice[]
  /** `ADAPTER=REGION` each. */
  readonly region?: readonly string[]
  /** Names of styles that the prompts are put into. */
  readonly style?: readonly string[] | undefined
  /** Textual inversions beside those of the folder that the prompts call. */
  readonly embedding: readonly EmbeddingFile[]
  /** Where mentions of the prompt are looked for; else in the library of the studio. */
  readonly loraFolder?: string | undefined
  /** File of the initial noise, in place of that of the seed. */
  readonly noise?: string | undefined
  readonly latentsOut?: string | undefined
  readonly out: string
  /** What is done with less memory. */
  readonly economy?: Economy | undefined
}

/** One picture from a prompt, with adapters by their files, written with its settings inside. */
export async function generate(asking: GenerateGiven, { signal, emit }: OperationContext<DrawingEvent>) {
  const { form: given, templates } = await drawnForm({ ...asking, styles: asking.style }, promptSource(dataFolder()))
  const { samplerOptions, schedule, scheduleOptions, conditions } = given
  checkSampling(given, conditions)
  stepPlan({ steps: given.steps, conditions })
  const out = await prepareOutput(given.out, '.png')
  const latentsOut = given.latentsOut && (await prepareOutput(given.latentsOut, '.safetensors'))
  const noise = given.noise ? await readNoise(given.noise) : undefined
  const { text: prompt, loras: mentions } = parsePrompt(given.prompt)
  const folder = given.loraFolder ?? join(dataFolder(), 'library')
  const mentioned = await findMentioned(mentions, folder, given.seed)
  const named = (await Promise.all(given.embedding.map(loadEmbeddings))).flat()
  const there = await filesCalled(promptsAsked({ ...given, prompt }), folder)
  const found = (await Promise.all(there.map(loadEmbeddings))).flat()

  await using model = await openModel({ ...given, emit }, given)
  const { checkpoint, pixelFactor } = model
  for (const { embedding } of named) checkFit(embedding, checkpoint)
  const size = noise && sizeFromNoise(noise, { channels: checkpoint.unet.config.outChannels, pixelFactor }, given)
  const read = await loadLoras([...given.lora, ...mentioned], moduleShapes(checkpoint), emit, checkpoint.schedule)
  const loras = withRegions(read, given.region ?? [])
  checkRegions(
    given,
    loras.map(({ entry }) => entry),
  )
  const usual = defaultsOf(given.model, checkpoint.family).guidance[loras.length > 0 ? 'stacked' : 'alone']
  const chosen = {
    cfg: given.cfg ?? usual.cfg,
    adapterGuidance: given.adapterGuidance ?? usual.adapterGuidance,
    guidanceStop: given.guidanceStop ?? usual.guidanceStop,
  }
  const request = { ...generateRequest.parse({ ...given, ...chosen, samplerOptions, prompt }), ...size }

  const { width: wide = model.defaultSide, height: high = model.defaultSide } = request
  if (isFarSize(model.defaultSide, wide, high)) emit({ type: 'warning', ...farSize(model.defaultSide, wide, high) })
  const [{ generate: generateVerb }, { encodePng }] = await Promise.all([
    import('../../../engine/generate.ts'),
    import('../../../engine/images/write-png.ts'),
  ])
  const started = performance.now()
  const embeddings = [...named, ...found]
  const callable = embeddings.map(({ embedding }) => embedding)
  const options = { stack: loras.map(({ entry }) => entry), embeddings: callable, signal, ...(noise ? { noise } : {}) }
  const { rgb, width, height, latents } = await orRung(model, longerSide(model, request), () =>
    drain(generateVerb(model, request, options), emit),
  )

  const called = embeddingsOfPicture(model, request, embeddings)
  const text = infotext(request, {
    ...sizeAsked(model, request),
    asked: model.process.asked,
    model: checkpoint.name,
    vaePath: checkpoint.vaePath,
    loras,
    embeddings: called,
    regions: await regionsSaid(loras),
    templates,
  })
  await writeFileAtomic(out, await encodePng({ width, height, data: rgb }, [parametersChunk(text)]))
  if (latentsOut) await writeLatents(latentsOut, latents)
  return {
    out,
    ...(latentsOut ? { latentsOut } : {}),
    width,
    height,
    seed: request.seed,
    ...(templates?.prompt === undefined ? {} : { prompt: given.prompt }),
    sampler: request.sampler,
    ...(samplerOptions ? { samplerOptions } : {}),
    ...(schedule ? { schedule } : {}),
    ...(scheduleOptions ? { scheduleOptions } : {}),
    ...(conditions ? { conditions } : {}),
    steps: request.steps,
    cfg: request.cfg,
    adapterGuidance: request.adapterGuidance,
    guidanceStop: request.guidanceStop,
    model: checkpoint.name,
    seconds: (performance.now() - started) / 1000,
    loras: loras.map(({ entry: { adapter, enabled: _enabled, triggers: _triggers, blocks, ...strength }, hash }) => ({
      name: adapter.name,
      ...strength,
      ...(blocks ? { lbw: blockWeightsText(blocks) } : {}),
      layers: adapter.modules.length,
      hash,
    })),
    ...(called.length > 0 ? { embeddings: called } : {}),
  }
}

/** It is drawn all the same: some want it so. */
function farSize(side: number, width: number, height: number) {
  const message = `${width} × ${height} px is far from the ${side} px that this model was made for: shapes are doubled or fall apart. Take a size near ${side} (--width, --height).`
  return { code: 'draw-size-far', message, facts: { width, height, side } }
}
