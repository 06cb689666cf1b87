// Where does a style get lost? Real pictures are encoded, made noisy up to each of some steps, and finished by the model: the more noise it has to
// take away, the more of the drawing is its own. With --restore the true values are put back into the K channels that say most, or for -K least.
// node build/eval/finishing.ts STYLE,STYLE… [--adapter FILE] [--model DIR] [--count N] [--restore=5,8,-8]
import { parseArgs } from 'node:util'
import { moduleShapes, readAdapter } from '../../engine/adapter-formats/read.ts'
import { ddim } from '../../engine/samplers/ddim.ts'
import { sampleWith } from '../../engine/samplers/sampler-options.ts'
import { randomStream } from '../../engine/tensor/philox.ts'
import { generateRequest } from '../../engine/requests/generate.ts'
import { elementCount, type Tensor } from '../../engine/tensor/tensor.ts'
import { decode } from '../../engine/sessions/decode.ts'
import { Guidance } from '../../engine/guidance/guidance.ts'
import { plainCaption } from '../pretrain/data/captions.ts'
import { seededRandom, shuffled } from '../pretrain/data/random.ts'
import { channelChanges, encode } from './channels.ts'
import { openModel, settings, stackedSettings } from './draw.ts'
import { shareInStyle } from './measures.ts'
import { basePictures, samplePictures } from './real-pictures.ts'

/** The first of the sampling steps that is left to the model; none at all shows what the autoencoder alone loses. */
const starts = [0, 4, 8, 11, 13, settings.steps]

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    adapter: { type: 'string' },
    model: { type: 'string' },
    count: { type: 'string', default: '24' },
    restore: { type: 'string', default: '' },
  },
})
await using model = await openModel(values.model)
const pictures = [...basePictures().filter(({ heldOut }) => !heldOut), ...(await samplePictures())]
const adapter = values.adapter ? await readAdapter(values.adapter, moduleShapes(model.checkpoint)) : undefined
const stack = adapter ? [{ adapter, weight: 1, enabled: true }] : []
const restored = values.restore.split(',').filter(Boolean).map(Number)
const order = restored.length > 0 ? (await channelChanges(model)).map(([channel]) => channel) : []

/** `drawn` with the values of `real` in the k channels that say most, or for a negative k least. */
function restore(drawn: Tensor, real: Tensor, k: number): Tensor {
  const [, channels = 1] = drawn.shape
  const area = drawn.data.length / channels
  const given = new Set(k > 0 ? order.slice(0, k) : order.slice(k))
  return { shape: drawn.shape, data: drawn.data.map((value, i) => (given.has(Math.floor(i / area)) ? (real.data[i] ?? 0) : value)) }
}

/** The clean latents that the model makes of these under the noise of step `start`. */
async function finish(latents: Tensor, caption: string, start: number, seed: number): Promise<Tensor> {
  await using guidance = await Guidance.prepare(
    model,
    generateRequest.parse({ prompt: caption, ...(adapter ? stackedSettings : settings) }),
    stack,
  )
  const size = elementCount(latents.shape)
  const course = sampleWith(ddim, {
    process: model.process,
    steps: settings.steps,
    noise: randomStream(seed, 'finishing', 0).normal(size),
    ...(start > 0 ? { startAt: { step: start, latents: latents.data } } : {}),
    stepNoise: () => new Float32Array(0),
    model: guidance.predictor({ shape: latents.shape, width: model.defaultSide, height: model.defaultSide }),
  })
  let step = await course.next()
  while (!step.done) step = await course.next()
  return { shape: latents.shape, data: step.value }
}

for (const style of (positionals[0] ?? '').split(',')) {
  const chosen = shuffled(
    pictures.filter((picture) => picture.style === style),
    seededRandom(3),
  ).slice(0, Number(values.count))
  console.log(`${style}: ${chosen.length} pictures, ${(100 * shareInStyle(chosen, style)).toFixed(0)} % named rightly`)
  for (const start of starts) {
    let error = 0
    const drawn: { rgb: Uint8Array }[] = []
    const mended = restored.map((): { rgb: Uint8Array }[] => [])
    for (const [seed, { rgb, concept }] of chosen.entries()) {
      const latents = await encode(model, rgb)
      const whole = start >= settings.steps ? latents : await finish(latents, plainCaption({ style, concept, keywords: [] }), start, seed)
      error += whole.data.reduce((sum, value, i) => sum + (value - (latents.data[i] ?? 0)) ** 2, 0) / whole.data.length / chosen.length
      drawn.push(await decode(model, whole))
      for (const [i, k] of restored.entries()) mended[i]?.push(await decode(model, restore(whole, latents, k)))
    }
    const percent = (of: typeof drawn) => `${(100 * shareInStyle(of, style)).toFixed(0)} %`
    const share = percent(drawn)
    const again = restored.map((k, i) => `; with the true ${k > 0 ? k : `last ${-k}`} channels ${percent(mended[i] ?? [])}`).join('')
    console.log(
      `  ${settings.steps - start} of ${settings.steps} steps drawn: ${share} named rightly, squared error of the latents ${error.toFixed(3)}${again}`,
    )
  }
}
