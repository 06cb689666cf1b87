// Text encoders that learn with the UNet, against transformers, diffusers, peft and torch's AdamW (build/reference/text_encoder_lora.py).
import { fileURLToPath } from 'node:url'
import { crc32 } from 'node:zlib'
import { expect, it } from 'vitest'
import { openSafetensors, readTensor } from '../../engine/files/safetensors.ts'
import { familyCalled } from '../../engine/models/family-called.ts'
import { trainingExample } from '../../engine/processes/training-example.ts'
import { Session, type Feed } from '../../engine/runtime/session.ts'
import { Model } from '../../engine/sessions/open-model.ts'
import { elementCount, relativeL2, type Tensor } from '../../engine/tensor/tensor.ts'
import { captionFeeds, captionReader } from '../../engine/training/captions.ts'
import { LaneSteps } from '../../engine/training/lane-steps.ts'
import { Lanes } from '../../engine/training/lanes.ts'
import { adapter } from '../../engine/training/methods/adapter.ts'
import { adamw } from '../../engine/training/optimizers/adamw.ts'
import { trainedNetworks } from '../../engine/training/trained-networks.ts'
import { trainingGraph } from '../../engine/training/training-graph.ts'
import { compute } from '../reference/expand.ts'
import { RecordedCase } from './recorded-case.ts'

const fixtures = fileURLToPath(new URL('../../engine/', import.meta.url))
const cases = [['sd1-eps', false], ['sd2-v', false], ['sdxl', true]] as const // prettier-ignore
const captions = ["an old man, 7 cats and a boat's sail; painted on the mountain in the morning light", 'a red fox in the snow']
const chunks = 4
const rates = { lr: 2e-3, textRate: 1e-3, textRate2: 5e-4 }

/** `lora.A/path` of the UNet, `text_encoder/lora.A/path` of a text encoder: as the recording calls it. */
function recordedName(name: string): string {
  const [, component = 'unet', letter = '', path = ''] = /^(?:(text_encoder\w*)\/)?lora\.([AB])\/(.*)$/.exec(name) ?? []
  return `${component}/${path}.${letter}`
}

function startOf(name: string, shape: readonly number[]): Float32Array {
  const key = recordedName(name)
  const exponent = Math.log2((key.endsWith('A') ? 1 : 0.5) / Math.sqrt(elementCount(shape.slice(1))))
  // Halves go to the even number, as in Python.
  const scale = 2 ** (Math.abs(exponent % 1) === 0.5 ? 2 * Math.round(exponent / 2) : Math.round(exponent))
  return new Float32Array(compute({ dtype: 'F32', shape, seed: crc32(key), center: 0, scale }).buffer as ArrayBuffer)
}

it.each(cases)('%s, recomputed: %s: gradients of every layer, and twenty steps with a rate for each network', async (name, recompute) => {
  await using recorded = await RecordedCase.open(`${fixtures}fixtures/reference/${name}`)
  await using model = await Model.open(recorded.layouts.diffusers ?? '', { threads: 1 })
  const golden = await openSafetensors(`${fixtures}training/fixtures/text-encoder-lora/${name}.safetensors`)
  const of = (key: string): Promise<Tensor> => readTensor(golden, key)
  const { textRate2, ...both } = rates
  const request = {
    rank: 1,
    alpha: 2,
    layers: 'attention',
    members: 1,
    recompute,
    ...(name === 'sdxl' ? { ...both, textRate2 } : both),
  } as const
  // The recording adapts whole layers of text encoders, and the attention alone of the UNet.
  const networks = trainedNetworks(model.checkpoint, request)
  const wide = trainedNetworks(model.checkpoint, { ...request, layers: 'transformer' })
  const mixed = networks.map((one, i) => (one.component === 'unet' ? one : (wide[i] ?? one)))
  const { graph, trained, opened } = trainingGraph(model.checkpoint, { name: 'both', networks: mixed, chunks, recompute }, (graph) =>
    adapter.open({ graph, networks: mixed, request }, {}),
  )

  const read = captionReader(model, networks, chunks)
  const { conditioning, feeds: heard } = captionFeeds(await Promise.all(captions.map((caption) => read(caption))))
  expect(conditioning).toEqual({})
  for (const key of Object.keys(heard).filter((one) => one.endsWith('/ids'))) {
    const ids = [...(heard[key]?.data ?? [])].map(Number)
    expect(ids).toEqual([...(await of(`ids/${key.split('/')[0]}`)).data])
  }
  const sizes = [
    { original: { width: 64, height: 48 }, drawn: { width: 24, height: 40 } },
    { original: { width: 768, height: 1024 }, drawn: { width: 1024, height: 1024 } },
  ]
  const fixed = { ...heard, ...familyCalled(model.checkpoint.family).denoiser.feeds(conditioning, sizes) }
  const [latents, noise, timesteps] = [await of('latents'), await of('noise'), await of('timesteps')]
  const batch = (step: number): Record<string, Feed> => {
    const own = timesteps.data.subarray(2 * step, 2 * step + 2)
    const { input, target, weights } = trainingExample({ process: model.process, latents, noise, timesteps: own })
    return { ...fixed, sample: input, target, timestep: { shape: [2], data: own }, weight: { shape: [2], data: weights } }
  }
  const start = Object.fromEntries(trained.map(({ name, shape }) => [name, startOf(name, shape as number[])]))
  {
    await using session = await Session.create(graph, model.sessionOptions)
    const values = Object.fromEntries(
      trained.map(({ name, shape }) => [name, { shape: shape as number[], data: start[name] as Float32Array }]),
    )
    const found = await session.run({ ...batch(0), ...values })
    expect(relativeL2(found.loss?.data ?? [], (await of('loss')).data)).toBeLessThan(1e-4)
    const texts = trained.filter((value) => value.name.startsWith('text_encoder'))
    const recordedGradients = [...golden.entries.keys()].filter((key) => key.startsWith('d/'))
    expect(texts.map((value) => `d/${recordedName(value.name)}`).sort()).toEqual(recordedGradients.sort())
    for (const value of texts)
      expect(relativeL2(found[`d/${value.name}`]?.data ?? [], (await of(`d/${recordedName(value.name)}`)).data), value.name).toBeLessThan(
        1e-3,
      )
  }
  const plan = opened.plan()
  await using lanes = await Lanes.open(graph, { count: 1, threads: 1, session: model.sessionOptions })
  await using taken = await LaneSteps.open(
    {
      graph,
      plan: { ...plan, trainables: plan.trainables.map((one) => ({ ...one, start: () => start[one.name] as Float32Array })) },
      members: [{ index: 0, seed: 0 }],
      batches: () => batch,
      accumulation: 1,
      optimizer: (theta, layout) => adamw.open(theta, layout, { beta1: 0.9, beta2: 0.999, eps: 1e-8, weightDecay: 1e-2 }),
      rate: () => rates.lr,
      maxGradNorm: 1,
    },
    lanes,
  )
  const losses: number[] = []
  const steps = (await of('losses')).data.length
  for (let step = 0; step < steps; step++) losses.push((await taken.advance(step))[0]?.outputs.loss ?? NaN)
  expect(relativeL2(losses, (await of('losses')).data)).toBeLessThan(1e-3)
  const { modules } = await taken.result()
  for (const key of [...golden.entries.keys()].filter((one) => one.startsWith('trained/'))) {
    const [, component, path, letter] = /^trained\/(\w+)\/(.*)\.([AB])$/.exec(key) ?? []
    const own = modules.find((module) => module.component === component && module.path === path)
    expect(relativeL2(own?.tensors[letter === 'A' ? 'down' : 'up']?.data ?? [], (await of(key)).data), key).toBeLessThan(1e-3)
  }
})
