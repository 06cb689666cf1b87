// One case by the engine.
import { join } from 'node:path'
import { layoutOf, views } from '../../../engine/runtime/flat-parameters.ts'
import { Session, type Provider, type SessionOptions } from '../../../engine/runtime/session.ts'
import { runAdapted, StackFeeds } from '../../../engine/sessions/adapted-session.ts'
import { decoderSession, unetSession } from '../../../engine/sessions/networks.ts'
import { elementCount, type Tensor } from '../../../engine/tensor/tensor.ts'
import * as adamw from '../../../engine/training/optimizers/adamw.ts'
import { loraGraph, type Denoising } from '../../../engine/training/training-graph.ts'
import { autoencoder, noise, started } from '../against-torch/ours.ts'
import { measure, type Figures } from '../bench.ts'
import { openRandomUnet } from '../random-unet.ts'
import { guidance, inputsOf, levels, rank, shapes, type Case, type Shape, type Task } from './cases.ts'

const optionsOf = ({ device, precision }: Case): SessionOptions => ({ provider: device as Provider, precision })

const tasks: Readonly<Record<Task, (checkpoint: Denoising, own: Case) => Promise<() => Promise<Tensor | undefined>>>> = {
  async forward(checkpoint, own) {
    const [shape, options] = [shapes[own.shape] as Shape, optionsOf(own)]
    const [network, none, feeds] = [await unetSession(checkpoint, options), new StackFeeds([]), inputsOf(shape, 'forward')]
    return async () => (await runAdapted(network, feeds, none)).out
  },

  async lora(checkpoint, own) {
    const [shape, options] = [shapes[own.shape] as Shape, optionsOf(own)]
    const { graph, trained } = loraGraph(checkpoint, { rank, alpha: rank, recompute: true })
    const { placements, size } = layoutOf(trained)
    const [theta, gradient, state] = [new Float32Array(size), new Float32Array(size), adamw.init(size)]
    for (const { name, shape: sides, offset } of placements)
      theta.set(started(name, elementCount(sides), name.includes('lora.A/') ? 1 / Math.sqrt(sides[1] ?? 1) : 0.01), offset)
    const [parameters, into] = [views(placements, theta), views(placements, gradient, 'd/')]
    const session = await Session.create(graph, options)
    const feeds = inputsOf(shape, 'lora')
    const given = { ...feeds, target: feeds.sample as Tensor, weight: { shape: [1], data: new Float32Array([1]) } }
    let step = 0
    return async () => {
      const { loss } = await session.run({ ...given, ...parameters }, into)
      adamw.update(theta, gradient, state, { lr: 1e-4, beta1: 0.9, beta2: 0.999, eps: 1e-8, weightDecay: 0.01, step: ++step })
      return loss
    }
  },

  async picture(checkpoint, own) {
    const [shape, options] = [shapes[own.shape] as Shape, optionsOf(own)]
    const [network, none, feeds] = [await unetSession(checkpoint, options), new StackFeeds([]), inputsOf(shape, 'picture')]
    // As the reference decodes: in fp32 where its fp16 overflows.
    const decoder = await decoderSession(
      await autoencoder(own.folder),
      shape.family === 'sdxl' ? { ...options, precision: 'fp32' } : options,
    )
    return async () => {
      const latents = noise('start', [1, shape.unet.inChannels, shape.cells, shape.cells])
      const x = latents.data.map((value) => value * (levels[0]?.sigma ?? 1))
      const [rows, count] = [feeds.sample as Tensor, x.length]
      for (const { sigma, next, timestep } of levels) {
        const scale = 1 / Math.sqrt(sigma * sigma + 1)
        const both = new Float32Array(2 * count)
        for (let i = 0; i < count; i++) both[i] = both[count + i] = (x[i] ?? 0) * scale
        const asked = {
          ...feeds,
          sample: { shape: rows.shape, data: both },
          timestep: { shape: [2], data: new Float32Array(2).fill(timestep) },
        }
        const { out } = await runAdapted(network, asked, none)
        for (let i = 0; i < count; i++) {
          const [without, some] = [out?.data[i] ?? 0, out?.data[count + i] ?? 0]
          x[i] = (x[i] ?? 0) + (next - sigma) * (without + guidance * (some - without))
        }
      }
      const most = x.reduce((top, value) => Math.max(top, Math.abs(value)), 1e-9)
      return (await decoder.run({ latents: { shape: latents.shape, data: x.map((value) => value / most) } })).pixels
    }
  },
}

/** What it took, and its first answer. */
export async function runCase(own: Case): Promise<Figures & { readonly answer: Tensor | undefined }> {
  const { unet, family }: Shape = shapes[own.shape]
  let answer: Tensor | undefined
  const figures = await measure(async () => {
    const step = await tasks[own.task]({ ...(await openRandomUnet(unet, join(own.folder, own.shape))), family }, own)
    return async () => {
      const got = await step()
      answer ??= got && { shape: got.shape, data: got.data.slice() }
    }
  }, own.steps)
  return { ...figures, answer }
}
