// Vectors of a trigger word that learn, against transformers, diffusers and torch's AdamW (build/reference/trigger_vectors.py).
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { openSafetensors, readTensor } from '../../engine/files/safetensors.ts'
import { familyCalled } from '../../engine/models/family-called.ts'
import { trainingExample } from '../../engine/processes/training-example.ts'
import type { Feed } from '../../engine/runtime/session.ts'
import { trainRequest } from '../../engine/requests/train.ts'
import { Model } from '../../engine/sessions/open-model.ts'
import { relativeL2, type Tensor } from '../../engine/tensor/tensor.ts'
import { captionFeeds, captionReader, chunksOf } from '../../engine/training/captions.ts'
import { LaneSteps } from '../../engine/training/lane-steps.ts'
import { Lanes } from '../../engine/training/lanes.ts'
import { methodGraph } from '../../engine/training/method-graph.ts'
import { adamw } from '../../engine/training/optimizers/adamw.ts'
import { trainedNetworks } from '../../engine/training/trained-networks.ts'
import { withTriggerVectors } from '../../engine/training/trigger-plan.ts'
import { placeholders } from '../../engine/training/trigger-vectors.ts'
import { RecordedCase } from './recorded-case.ts'

const fixtures = fileURLToPath(new URL('../../engine/', import.meta.url))
const captions = ['a sks in the snow, sks', 'a red fox']
const chunks = 2

it.each([['sd1-eps', true], ['sdxl', false]] as const)('%s, recomputed: %s: the gradient of every vector, and three steps of diffusers’ textual inversion', async (name, recompute) => {
  await using recorded = await RecordedCase.open(`${fixtures}fixtures/reference/${name}`)
  await using model = await Model.open(recorded.layouts.diffusers ?? '', { threads: 1 })
  const golden = await openSafetensors(`${fixtures}training/fixtures/trigger-vectors/${name}.safetensors`)
  const of = (key: string): Promise<Tensor> => readTensor(golden, key)
  const asked = { lr: 1e-3, unetRate: 0, trigger: 'sks', triggerVectors: 3, triggerStart: 'red fox', recompute }
  const request = trainRequest.parse({ dataset: 'd', ...asked })
  const networks = trainedNetworks(model.checkpoint, request)
  const { graph, trained, opened } = methodGraph(model.checkpoint, request, { chunks })
  const components = networks.map(({ component }) => component)
  expect(trained.map((value) => value.name)).toEqual(components.map((component) => `${component}/trigger/vectors`))

  const embeddings = placeholders(model, request)
  expect(chunksOf(model, captions, embeddings)).toBeLessThanOrEqual(chunks)
  const read = captionReader(model, networks, chunks, embeddings)
  const { conditioning, feeds: heard } = captionFeeds(await Promise.all(captions.map((caption) => read(caption))))
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
  const gradients = new Map<string, Float32Array>()
  const plan = withTriggerVectors(opened.plan(), model, request)
  await using lanes = await Lanes.open(graph, { count: 1, threads: 1, session: model.sessionOptions })
  await using taken = await LaneSteps.open(
    {
      graph,
      plan: {
        ...plan,
        beforeUpdate({ step, gradient }) {
          for (const [key, { data }] of Object.entries(gradient)) if (step === 1) gradients.set(key, data.slice())
        },
      },
      members: [{ index: 0, seed: 0 }],
      batches: () => batch,
      accumulation: 1,
      optimizer: (theta, layout) => adamw.open(theta, layout, { beta1: 0.9, beta2: 0.999, eps: 1e-8, weightDecay: 1e-2 }),
      rate: () => request.lr,
      maxGradNorm: Infinity,
    },
    lanes,
  )
  const losses: number[] = []
  for (let step = 0; step < 3; step++) {
    losses.push((await taken.advance(step))[0]?.outputs.loss ?? NaN)
    const { modules, embeddings: [learnt] = [] } = await taken.result()
    expect(modules).toEqual([])
    for (const [i, vectors] of Object.values(learnt?.vectors ?? {}).entries())
      expect(relativeL2(vectors.data, (await of(`${step + 1}/${components[i]}`)).data)).toBeLessThan(1e-5)
  }
  for (const component of components) {
    const error = relativeL2(gradients.get(`${component}/trigger/vectors`) ?? [], (await of(`d/${component}`)).data)
    expect(error, component).toBeLessThan(5e-6)
  }
  expect(relativeL2(losses, (await of('losses')).data)).toBeLessThan(1e-6)
}) // prettier-ignore
