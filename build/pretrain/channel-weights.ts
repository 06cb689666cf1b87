// How much a picture suffers from an error in each latent channel. Whitened channels all have the same variance, but not the same say.
import { Graph } from '../../engine/graph/graph.ts'
import { shapesOnly } from '../../engine/models/initialize.ts'
import { vaeModules } from '../../engine/models/keys/vae-modules.ts'
import { buildVaeDecoder } from '../../engine/models/vae.ts'
import { Parameters } from '../../engine/nn/parameters.ts'
import { Session } from '../../engine/runtime/session.ts'
import { randomStream } from '../../engine/tensor/philox.ts'
import type { Tensor } from '../../engine/tensor/tensor.ts'
import { unet, vae } from './architecture.ts'
import { isDecoder } from './graphs.ts'
import { threads } from './place.ts'

const deviation = 0.3
/** No channel counts less than this: one that is wrong enough spoils any picture. */
const least = 0.2

/** Weights (C) with mean 1: the mean squared change of decoded pixels by a small noise in one channel, over `probed` of the whitened `latents` (N, C, cells). */
export async function channelWeights(autoencoder: ReadonlyMap<string, Tensor>, latents: Float32Array, probed = 32): Promise<Float32Array> {
  const channels = vae.latentChannels
  const area = unet.sampleSize ** 2
  const size = channels * area
  const graph = new Graph('probe')
  const p = new Parameters(graph, shapesOnly(vaeModules(vae)), { trainable: isDecoder })
  graph.output('pixels', buildVaeDecoder(p, vae, graph.input('latents', 'float32', ['N', channels, unet.sampleSize, unet.sampleSize])))
  await using session = await Session.create(graph, { threads })
  const feeds = Object.fromEntries([...p.trained.keys()].map((key) => [key, autoencoder.get(key) as Tensor]))
  const count = latents.length / size
  const chosen = new Float32Array(probed * size)
  for (let n = 0; n < probed; n++) {
    const from = Math.floor((n * count) / probed) * size
    chosen.set(latents.subarray(from, from + size), n * size)
  }
  const shape = [probed, channels, unet.sampleSize, unet.sampleSize]
  const decode = async (data: Float32Array) => ((await session.run({ ...feeds, latents: { shape, data } })).pixels as Tensor).data.slice()
  const clean = await decode(chosen)
  const changes = new Float32Array(channels)
  for (let c = 0; c < channels; c++) {
    const noise = randomStream(31, 'channel', c).normal(probed * area)
    const hurt = chosen.slice()
    noise.forEach((value, i) => {
      const at = Math.floor(i / area) * size + c * area + (i % area)
      hurt[at] = (hurt[at] ?? 0) + deviation * value
    })
    changes[c] = (await decode(hurt)).reduce((sum, value, i) => sum + (value - (clean[i] ?? 0)) ** 2, 0)
  }
  const mean = changes.reduce((a, b) => a + b, 0) / channels
  const raised = changes.map((change) => Math.max(least, change / mean))
  const total = raised.reduce((a, b) => a + b, 0) / channels
  return raised.map((weight) => weight / total)
}
