// What a network answers at fixed noise: the measure of what an adapter learnt, on pictures that it never saw, and of what it changed elsewhere.
import type { StackEntry } from '../adapters/stack.ts'
import type { PictureSizes } from '../models/denoiser.ts'
import { familyCalled } from '../models/family-called.ts'
import { trainingExample } from '../processes/training-example.ts'
import { allMasked, besideRows } from '../sessions/masked-input.ts'
import { runAdapted, StackFeeds } from '../sessions/adapted-session.ts'
import type { Model } from '../sessions/open-model.ts'
import { randomStream } from '../tensor/philox.ts'
import type { Tensor } from '../tensor/tensor.ts'

/** A clean latent (1, C, h, w), scaled as the network knows it, and what it shows. */
export interface Probe {
  readonly latents: Tensor
  readonly caption: string
  readonly sizes: PictureSizes
}

/** Where along the noise it is asked, as shares of the training timesteps. */
const levels = [0.1, 0.3, 0.5, 0.7, 0.9]

export interface Answers {
  /** Mean squared error of what should have been answered, over all probes and levels. */
  readonly loss: number
  /** All answers behind one another. */
  readonly outputs: readonly Float32Array[]
}

/** Asks the model under a stack about each probe at each level. Noise is drawn for `probe` from the seed, and by no training. */
export async function ask(model: Model, stack: readonly StackEntry[], probes: readonly Probe[], seed: number): Promise<Answers> {
  const feeds = new StackFeeds(stack)
  const { denoiser } = familyCalled(model.checkpoint.family)
  const unet = await model.unet(stack)
  const outputs: Float32Array[] = []
  let [sum, count] = [0, 0]
  for (const [i, { latents, caption, sizes }] of probes.entries()) {
    const beside = besideRows(await allMasked(model, sizes.drawn), 1, latents.shape)
    const conditioning = await model.encodePrompts([caption], { feeds })
    for (const [k, level] of levels.entries()) {
      const timestep = Math.round(level * (model.process.asked.trainSteps - 1))
      const noise = randomStream(seed, 'probe', i * levels.length + k).normal(latents.data.length)
      const batch = { process: model.process, latents, noise: { shape: latents.shape, data: noise }, timesteps: [timestep] }
      const { input, target } = trainingExample(batch)
      const asked = {
        sample: input,
        timestep: { shape: [1], data: Float32Array.of(timestep) },
        ...beside,
        ...denoiser.feeds(conditioning, [sizes]),
      }
      const { data } = (await runAdapted(unet, asked, feeds)).out as Tensor
      for (const [j, value] of data.entries()) sum += (value - (target.data[j] ?? 0)) ** 2
      count += data.length
      outputs.push(data.slice())
    }
  }
  return { loss: sum / Math.max(1, count), outputs }
}

/** ‖a − b‖ / ‖b‖ of each pair of answers, on the mean. */
export function drift(answers: readonly Float32Array[], base: readonly Float32Array[]): number {
  const shares = answers.map((a, i) => {
    const b = base[i] ?? new Float32Array()
    let [difference, norm] = [0, 0]
    for (const [j, value] of b.entries()) {
      difference += ((a[j] ?? 0) - value) ** 2
      norm += value ** 2
    }
    return Math.sqrt(difference / Math.max(norm, 1e-12))
  })
  return shares.reduce((sum, share) => sum + share, 0) / Math.max(1, shares.length)
}
