// What the other side is told of a case: configuration, weights, inputs as files, and the engine's own graph for OpenVINO.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Graph } from '../../../engine/graph/graph.ts'
import { denoised } from '../../../engine/models/denoised.ts'
import { unetJson } from '../../../engine/models/testing.ts'
import { buildVaeDecoder } from '../../../engine/models/vae.ts'
import { Parameters } from '../../../engine/nn/parameters.ts'
import { sourceOf, type Feed } from '../../../engine/runtime/session.ts'
import { loraGraph } from '../../../engine/training/training-graph.ts'
import { text, unets, vae, type Case } from './cases.ts'
import { autoencoder, checkpointOf, idsOf, inputsOf, noise } from './ours.ts'
import { weightFile } from './weights.ts'

/** What a step is fed with, or nothing where the other side has its own. */
export async function theirFeeds(own: Case, folder: string): Promise<Record<string, Feed>> {
  const { task, batch, cells } = own
  if (task === 'picture' || task === 'reweigh') return {}
  if (task === 'decode') return { latents: noise('latents', [batch, 4, cells, cells]) }
  if (task === 'encode') return own.network === 'text' ? { ids: idsOf(own) } : { pixels: noise('pixels', [batch, 3, cells * 8, cells * 8]) }
  return inputsOf(own, await checkpointOf(own, folder))
}

interface Told {
  readonly threads: number
  readonly answer: string
  readonly embedded: string
}

export async function theirCase(own: Case, side: 'torch' | 'openvino', folder: string, told: Told): Promise<object> {
  const inputs = Object.fromEntries(
    Object.entries(await theirFeeds(own, folder)).map(([name, { shape, data }]) => {
      const path = join(folder, `input-${name}`)
      writeFileSync(path, new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
      return [name, { shape, path, dtype: data instanceof BigInt64Array ? 'int64' : 'float32' }]
    }),
  )
  return {
    ...own,
    ...told,
    inputs,
    ...(own.network === 'embedded' ? {} : { weights: weightFile(own.network, folder), config: configOf(own.network) }),
    ...(own.task === 'lora' ? { modules: await modulesOf(own, folder) } : {}),
    ...(side === 'openvino' ? { onnx: await writtenGraph(own, folder) } : {}),
  }
}

/** As diffusers and transformers spell it. */
function configOf(network: Exclude<Case['network'], 'embedded'>): object {
  if (network === 'text')
    return {
      vocab_size: text.vocabSize,
      hidden_size: text.width,
      num_hidden_layers: text.layers,
      num_attention_heads: text.heads,
      intermediate_size: text.mlpWidth,
      max_position_embeddings: text.positions,
      hidden_act: text.activation,
      layer_norm_eps: text.layerNormEps,
      bos_token_id: text.bosId,
      eos_token_id: text.eosId,
      pad_token_id: text.padId,
    }
  const levels = (kind: string, count: number): string[] => Array.from({ length: count }, () => kind)
  if (network === 'vae')
    return {
      in_channels: 3,
      out_channels: 3,
      block_out_channels: vae.blockOutChannels,
      layers_per_block: vae.layersPerBlock,
      latent_channels: vae.latentChannels,
      norm_num_groups: vae.normGroups,
      down_block_types: levels('DownEncoderBlock2D', 4),
      up_block_types: levels('UpDecoderBlock2D', 4),
    }
  const { _class_name, addition_embed_type: _added, ...config } = unetJson(unets[network])
  return {
    ...config,
    down_block_types: [...levels('CrossAttnDownBlock2D', 3), 'DownBlock2D'],
    up_block_types: ['UpBlock2D', ...levels('CrossAttnUpBlock2D', 3)],
  }
}

/** The layers that learn. */
async function modulesOf(own: Case, folder: string): Promise<string[]> {
  const { layers = 'attention' } = own
  return loraGraph(await checkpointOf(own, folder), { rank: 16, alpha: 16, layers }).modules.map(({ path }) => path)
}

/** The engine's graph without openings for adapters, in the operators of ONNX alone. */
async function writtenGraph(own: Case, folder: string): Promise<string> {
  const graph = new Graph('openvino')
  if (own.task === 'decode') {
    const { config, weights } = (await autoencoder(folder)).vae
    const latents = graph.input('latents', 'float32', ['N', config.latentChannels, 'H', 'W'])
    graph.output('pixels', buildVaeDecoder(new Parameters(graph, weights), config, latents))
  } else {
    const checkpoint = await checkpointOf(own, folder)
    graph.output('out', denoised(new Parameters(graph, checkpoint.unet.weights), checkpoint))
  }
  const place = () => ({ folder, locate: (file: string) => file.slice(folder.length + 1) })
  const path = join(folder, 'openvino.onnx')
  writeFileSync(path, sourceOf(graph, { place }).model)
  return path
}
