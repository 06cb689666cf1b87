// Latents as the UNet leaves them: each training picture is made half noise and finished by the UNet, so that picture and drawing still go together.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { openSafetensors, readTensor } from '../../engine/files/safetensors.ts'
import { writeSafetensors } from '../../engine/files/safetensors-write.ts'
import { Graph } from '../../engine/graph/graph.ts'
import { buildClipText } from '../../engine/models/clip-text.ts'
import { shapesOnly } from '../../engine/models/initialize.ts'
import { clipModules } from '../../engine/models/keys/clip-modules.ts'
import { unetModules } from '../../engine/models/keys/unet-modules.ts'
import { buildUNet } from '../../engine/models/unet.ts'
import { Parameters } from '../../engine/nn/parameters.ts'
import { Session, type Feed } from '../../engine/runtime/session.ts'
import { ddim } from '../../engine/samplers/ddim.ts'
import { noiseSchedule } from '../../engine/schedules/noise-schedule.ts'
import { fromFloat32 } from '../../engine/tensor/dtype.ts'
import { randomStream } from '../../engine/tensor/philox.ts'
import type { Tensor } from '../../engine/tensor/tensor.ts'
import { loadClipTokenizer } from '../../engine/text/clip-tokenizer.ts'
import { modelFolder, schedule, text, unet } from './architecture.ts'
import { plainCaption } from './data/captions.ts'
import { loadData } from './data/prepare.ts'
import { forms } from './data/variants.ts'
import { diffusionTraining } from './graphs.ts'
import { averagedWeights } from './loop.ts'
import { whitenedLatents } from './train-unet.ts'

const work = 'work/pretrain'
const cells = unet.inChannels * unet.sampleSize ** 2
const group = 32
/** Of eight steps, the first that is left to the UNet: about 60 % or half of the noise. */
const starts = [3, 4]
const steps = 8
const guidance = 3

/** One drawn latent a training picture, whitened, in the order of the pictures. Drawn once, then kept. */
export async function drawnLatents(report: (line: string) => void): Promise<Float32Array> {
  const kept = join(work, 'drawn.safetensors')
  if (existsSync(kept)) return (await readTensor(await openSafetensors(kept), 'latents')).data
  const { latents, pictures } = await whitenedLatents()
  const { records } = loadData(work)
  const files = { vocab: join(modelFolder, 'tokenizer/vocab.json'), merges: join(modelFolder, 'tokenizer/merges.txt') }
  const tokenizer = await loadClipTokenizer(files)
  const clip = text(tokenizer.vocabSize)
  const weights = await averagedWeights(join(work, 'unet'), diffusionTraining(unet, clip).trained)
  const graph = new Graph('draw')
  const pu = new Parameters(graph, shapesOnly(unetModules(unet)), { trainable: () => true, prefix: 'unet/' })
  const pt = new Parameters(graph, shapesOnly(clipModules(clip)), { trainable: () => true, prefix: 'text_encoder/' })
  const sample = graph.input('sample', 'float32', ['N', unet.inChannels, unet.sampleSize, unet.sampleSize])
  const { context } = buildClipText(pt, clip, graph.input('ids', 'int64', ['N', clip.positions]))
  graph.output('v', buildUNet(pu, unet, { sample, timestep: graph.input('timestep', 'float32', ['N']), context }))
  await using session = await Session.create(graph, { threads: Number(process.env.PIGMENT_THREADS ?? 2) })
  const fixed: Record<string, Feed> = Object.fromEntries(
    [...pu.trained.values(), ...pt.trained.values()].map(({ name }) => [name, weights.get(name) as Tensor]),
  )

  const count = pictures.length / forms
  const drawn = new Float32Array(count * cells)
  for (let at = 0; at < count; at += group) {
    const n = Math.min(group, count - at)
    const x0 = new Float32Array(n * cells)
    const ids = new BigInt64Array(2 * n * clip.positions)
    for (let i = 0; i < n; i++) {
      const plain = (at + i) * forms
      x0.set(latents.subarray(plain * cells, (plain + 1) * cells), i * cells)
      const record = records[pictures[plain]?.record ?? 0]
      const frame = (words: string) => BigInt64Array.from(tokenizer.frame(words, clip.positions, clip.padId), BigInt)
      ids.set(frame(''), i * clip.positions)
      ids.set(frame(record ? plainCaption(record) : ''), (n + i) * clip.positions)
    }
    const shape = [2 * n, unet.inChannels, unet.sampleSize, unet.sampleSize]
    const course = ddim.sample({
      schedule: noiseSchedule(schedule),
      steps,
      noise: randomStream(23, 'drawn', at).normal(x0.length),
      startAt: { step: starts[(at / group) % starts.length] ?? 4, latents: x0 },
      stepNoise: () => new Float32Array(0),
      async model(x, timestep) {
        const both = new Float32Array(2 * x.length)
        both.set(x)
        both.set(x, x.length)
        const { v } = await session.run({
          ...fixed,
          sample: { shape, data: both },
          timestep: { shape: [2 * n], data: new Float32Array(2 * n).fill(timestep) },
          ids: { shape: [2 * n, clip.positions], data: ids },
        })
        const { data } = v as Tensor
        return Float32Array.from(x, (_, i) => (data[i] ?? 0) + guidance * ((data[x.length + i] ?? 0) - (data[i] ?? 0)))
      },
    })
    let step = await course.next()
    while (!step.done) step = await course.next()
    drawn.set(step.value, at * cells)
    if ((at / group) % 10 === 0) report(`${at} of ${count} latents drawn`)
  }
  const data = fromFloat32(drawn, 'float32')
  await writeSafetensors(kept, [{ name: 'latents', dtype: 'F32', shape: [count, unet.inChannels, unet.sampleSize, unet.sampleSize], data }])
  return drawn
}
