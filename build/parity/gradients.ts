// Gradients and training steps against autograd, peft and torch's AdamW.
import { join } from 'node:path'
import { readAdapter } from '../../engine/adapter-formats/read.ts'
import { inputNameA, inputNameB } from '../../engine/adapters/stack-inputs.ts'
import { pairOf } from '../../engine/adapters/variants/lora.ts'
import { trainingExample } from '../../engine/processes/training-example.ts'
import * as adamw from '../../engine/training/optimizers/adamw.ts'
import { clipGlobalNorm } from '../../engine/training/optimizers/clip.ts'
import { fill, layoutOf, views } from '../../engine/runtime/flat-parameters.ts'
import { readWeight } from '../../engine/weights/read-weight.ts'
import { Session, type Feed } from '../../engine/runtime/session.ts'
import type { Tensor } from '../../engine/tensor/tensor.ts'
import { fullGraph, loraGraph, type LoraGraph } from '../../engine/training/training-graph.ts'
import { conditions } from './forward.ts'
import { distance, worst, type Measure, type Setting } from './measure.ts'
import type { Check, FullGradientsCheck, LoraGradientsCheck, TrainingCheck } from './recorded-case.ts'

export async function loraGradients(setting: Setting, check: LoraGradientsCheck): Promise<Measure[]> {
  const { recorded, model } = setting
  const measures = await example(setting, check)
  // Recomputation does not depend on where the weights lie: the folder is enough.
  for (const recompute of setting.layout === 'diffusers' ? [false, true] : [false]) {
    const built = loraGraph(model.checkpoint, { ...graphOptions(check), recompute })
    await using session = await Session.create(built.graph, model.sessionOptions)
    const outputs = await session.run({
      ...(await recordedBatch(setting, check)),
      ...Object.fromEntries(await values(setting, check, built)),
    })
    const errors = new Map<string, number>()
    for (const module of new Set([...check.modules, ...built.modules.map(({ path }) => path)]))
      for (const [half, name] of halves(module))
        errors.set(`${module}.${half}`, distance(outputs[`d/${name}`], await recorded.output(check, `${module}.${half}`)))
    const { name, error } = worst(errors)
    const suffix = recompute ? ', recomputed' : ''
    measures.push(
      {
        check: check.name,
        what: `loss${suffix}`,
        error: distance(outputs.loss, await recorded.output(check, 'loss')),
        bar: check.tolerance,
      },
      { check: check.name, what: `worst of ${errors.size}${suffix}: ${name}`, error, bar: check.tolerance },
    )
  }
  return measures
}

export async function fullGradients(setting: Setting, check: FullGradientsCheck): Promise<Measure[]> {
  const { recorded, model } = setting
  const { unet } = model.checkpoint
  const built = fullGraph(model.checkpoint, { trainable: (key) => check.weights.includes(key) })
  await using session = await Session.create(built.graph, model.sessionOptions)
  const feeds: Record<string, Feed> = await recordedBatch(setting, check)
  for (const [key, value] of built.trained) feeds[value.name] = await readWeight(unet.weights.get(key)!)
  const outputs = await session.run(feeds)
  const errors = new Map<string, number>()
  for (const key of check.weights) errors.set(key, distance(outputs[`d/${key}`], await recorded.output(check, key)))
  const { name, error } = worst(errors)
  return [
    { check: check.name, what: 'loss', error: distance(outputs.loss, await recorded.output(check, 'loss')), bar: check.tolerance },
    { check: check.name, what: `worst of ${errors.size}: ${name}`, error, bar: check.tolerance },
  ]
}

/** The recorded course of a whole training run, step by step from the same adapter, noise and timesteps. */
export async function training(setting: Setting, check: TrainingCheck): Promise<Measure[]> {
  const { recorded, model } = setting
  const built = loraGraph(model.checkpoint, graphOptions(check))
  await using session = await Session.create(built.graph, model.sessionOptions)
  const { placements, size } = layoutOf(built.trained)
  const theta = new Float32Array(size)
  fill(placements, theta, await values(setting, check, built))
  const state = adamw.init(size)
  const gradient = new Float32Array(size)
  const latents = await recorded.input(check, 'latents')
  const [noise, timesteps] = [await recorded.input(check, 'noise'), await recorded.input(check, 'timesteps')]
  const condition = await conditions(setting, check)
  const losses: number[] = []
  const norms: number[] = []
  for (let step = 1; step <= check.steps; step++) {
    const row = <T extends Float32Array>(all: T): Float32Array =>
      all.subarray(((step - 1) * all.length) / check.steps, (step * all.length) / check.steps)
    const { input, target, weights } = trainingExample({
      process: model.process,
      latents,
      noise: { shape: latents.shape, data: row(noise.data) },
      timesteps: row(timesteps.data),
    })
    const count = latents.shape[0] ?? 0
    const feeds = {
      sample: input,
      target,
      timestep: { shape: [count], data: row(timesteps.data) },
      weight: { shape: [count], data: weights },
    }
    const { loss } = await session.run({ ...views(placements, theta), ...condition, ...feeds }, views(placements, gradient, 'd/'))
    losses.push(loss?.data[0] ?? NaN)
    norms.push(clipGlobalNorm(gradient, check.clip))
    const [beta1, beta2] = check.betas
    adamw.update(theta, gradient, state, { lr: check.learningRate, beta1, beta2, eps: check.epsilon, weightDecay: check.weightDecay, step })
  }
  const trained = views(placements, theta)
  const errors = new Map<string, number>()
  for (const module of check.modules)
    for (const [half, name] of halves(module))
      errors.set(`${module}.${half}`, distance(trained[name], await recorded.output(check, `${module}.${half}`)))
  const { name, error } = worst(errors)
  const bar = check.tolerance
  return [
    {
      check: check.name,
      what: `worst loss of ${check.steps} steps`,
      error: worstStep(losses, await recorded.output(check, 'losses')),
      bar,
    },
    // Rounding grows along the course, and the norm before clipping feels it most: ten times the bar of the loss.
    {
      check: check.name,
      what: `worst gradient norm of ${check.steps}`,
      error: worstStep(norms, await recorded.output(check, 'gradientNorms')),
      bar: 10 * bar,
    },
    { check: check.name, what: `worst trained of ${errors.size}: ${name}`, error, bar },
  ]
}

const graphOptions = ({ rank, alpha, layers }: LoraGradientsCheck | TrainingCheck) => ({ rank, alpha, ...(layers ? { layers } : {}) })

const halves = (module: string) =>
  [
    ['A', inputNameA(module)],
    ['B', inputNameB(module)],
  ] as const

/** Whether our objective makes the recorded sample and target. */
async function example({ recorded, model }: Setting, check: LoraGradientsCheck): Promise<Measure[]> {
  const { input, target } = trainingExample({
    process: model.process,
    latents: await recorded.input(check, 'latents'),
    noise: await recorded.input(check, 'noise'),
    timesteps: (await recorded.input(check, 'timesteps')).data,
  })
  return [
    { check: check.name, what: 'sample', error: distance(input, await recorded.input(check, 'sample')), bar: 1e-5 },
    { check: check.name, what: 'target', error: distance(target, await recorded.input(check, 'target')), bar: 1e-5 },
  ]
}

async function recordedBatch(setting: Setting, check: Check): Promise<Record<string, Feed>> {
  const { recorded } = setting
  const timestep = await recorded.input(check, 'timesteps')
  return {
    sample: await recorded.input(check, 'sample'),
    target: await recorded.input(check, 'target'),
    timestep,
    weight: { shape: timestep.shape, data: new Float32Array(timestep.data.length).fill(1) },
    ...(await conditions(setting, check)),
  }
}

/** The recorded adapter's A and B by the names of the graph's inputs. */
async function values(
  { recorded, model }: Setting,
  check: { readonly adapter: string },
  { modules: trained }: LoraGraph,
): Promise<Map<string, Tensor>> {
  const { modules, skipped } = await readAdapter(join(recorded.folder, check.adapter), model.modules)
  if (skipped.length > 0 || modules.length !== trained.length)
    throw new Error(`The adapter has ${modules.length} modules, the graph ${trained.length}`)
  return new Map(
    modules.flatMap((module) => {
      const { down, up } = pairOf(module)
      return [[inputNameA(module.path), down] as const, [inputNameB(module.path), up] as const]
    }),
  )
}

function worstStep(got: readonly number[], expected: Tensor): number {
  const errors = got.map((value, i) => Math.abs(value - (expected.data[i] ?? NaN)) / Math.abs(expected.data[i] ?? NaN))
  return errors.some(Number.isNaN) || got.length !== expected.data.length ? Infinity : Math.max(...errors)
}
