// The networks of a checkpoint as sessions. Each is made when first used and kept; adapters are inputs, so a stack never makes a new one.
import { textComponent, textNetwork, unetNetwork } from '../adapter-formats/base-networks.ts'
import { Graph } from '../graph/graph.ts'
import { buildClipText, insertedVectors } from '../models/clip-text.ts'
import type { Checkpoint, ClipTextConfig, Network, WeightMap } from '../checkpoint/config.ts'
import { denoised } from '../models/denoised.ts'
import { familyCalled } from '../models/family-called.ts'
import { lookedAt, placeOf } from '../models/unet-places.ts'
import { buildVaeDecoder, buildVaeEncoder } from '../models/vae.ts'
import { Parameters } from '../nn/parameters.ts'
import { Regions } from '../nn/regions.ts'
import type { Tiling } from '../requests/tiling-fields.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { Session, type SessionOptions } from '../runtime/session.ts'
import type { AdaptedSession } from './adapted-session.ts'
import { inputNameWeight } from '../adapters/stack-inputs.ts'
import { FedWeights } from './fed-weights.ts'
import { wrapAxes } from './tiling.ts'
import { OpenModules, type OpenRegions, type Openings } from './open-modules.ts'

/** WebGPU takes the process down on a tensor without elements, so nothing active is fed as one rank of zeros there. */
const minimumRankOf = ({ provider = 'cpu' }: SessionOptions): number => (provider === 'cpu' ? 0 : 1)

export interface NetworkOptions {
  /** Weights that replace the file's. */
  readonly folded?: ReadonlyMap<string, Tensor>
  /** What is left open for adapters; by default the linear layers, and with folded weights nothing. */
  readonly open?: Openings
  /** Edges that meet. */
  readonly tiling?: Tiling
  /** Adapters act in regions. */
  readonly regional?: boolean
}

/** UNet for sampling. */
export async function unetSession(
  checkpoint: Pick<Checkpoint, 'family' | 'unet'>,
  options: SessionOptions,
  network: NetworkOptions = {},
): Promise<AdaptedSession> {
  const graph = new Graph('unet')
  const { weights, config } = checkpoint.unet
  const regions = network.regional ? new Regions(graph, lookedAt(config)?.block) : undefined
  const { parameters, modules, fed } = prepare(graph, weights, network, regions && { regions, placeOf: (path) => placeOf(path, config) })
  graph.output('out', denoised(parameters, checkpoint, { fused: (options.provider ?? 'cpu') === 'cpu', ...(regions ? { regions } : {}) }))
  return {
    session: await Session.create(graph, options),
    network: unetNetwork(checkpoint),
    adapted: modules,
    fed,
    minimumRank: minimumRankOf(options),
    ...(regions ? { levels: config.blockOutChannels.length } : {}),
  }
}

export async function textSession(
  encoder: Network<ClipTextConfig>,
  index: number,
  options: SessionOptions,
  network: NetworkOptions = {},
): Promise<AdaptedSession> {
  const { config, weights } = encoder
  const graph = new Graph(textComponent(index))
  const { parameters, modules, fed } = prepare(graph, weights, network)
  const ids = graph.input('ids', 'int64', ['N', config.positions])
  const end = config.projection ? graph.input('end_of_text', 'float32', ['N', config.positions, 1]) : undefined
  const inserted = {
    table: graph.input('vectors', 'float32', ['V', config.width]),
    rows: graph.input('vector_rows', 'int64', ['N', config.positions]),
  }
  const { context, last, pooled } = buildClipText(parameters, config, ids, end, { instead: insertedVectors(inserted) })
  graph.output('context', context)
  graph.output('last', last)
  if (pooled) graph.output('pooled', pooled)
  return {
    session: await Session.create(graph, options),
    network: textNetwork(encoder, index),
    adapted: modules,
    fed,
    minimumRank: minimumRankOf(options),
  }
}

/** The autoencoder in fp32 where half the bits are not enough for it. */
const ofVae = ({ family }: Checkpoint, { precision, ...options }: SessionOptions): SessionOptions =>
  precision === undefined || familyCalled(family).fullVae ? options : { ...options, precision }

export async function encoderSession(checkpoint: Checkpoint, options: SessionOptions, tiling: Tiling = 'none'): Promise<Session> {
  const { vae } = checkpoint
  const graph = new Graph('vae encoder')
  const pixels = graph.input('pixels', 'float32', ['N', vae.config.inChannels, 'H', 'W'])
  const { mean, logVariance } = buildVaeEncoder(new Parameters(graph, vae.weights, { wraps: wrapAxes(tiling) }), vae.config, pixels)
  graph.output('mean', mean)
  graph.output('log_variance', logVariance)
  return Session.create(graph, ofVae(checkpoint, options))
}

export async function decoderSession(checkpoint: Checkpoint, options: SessionOptions, tiling: Tiling = 'none'): Promise<Session> {
  const { vae } = checkpoint
  const graph = new Graph('vae decoder')
  const latents = graph.input('latents', 'float32', ['N', vae.config.latentChannels, 'H', 'W'])
  graph.output('pixels', buildVaeDecoder(new Parameters(graph, vae.weights, { wraps: wrapAxes(tiling) }), vae.config, latents))
  return Session.create(graph, ofVae(checkpoint, options))
}

function prepare(
  graph: Graph,
  weights: WeightMap,
  { folded, open, tiling }: NetworkOptions,
  regional?: OpenRegions,
): Pick<AdaptedSession, 'fed'> & Pick<OpenModules, 'modules'> & { parameters: Parameters } {
  const { modules, adapt } = new OpenModules(graph, open, regional)
  const fed = new FedWeights(weights, open?.weights)
  const parameters = new Parameters(graph, weights, {
    ...(folded ? { replaced: folded } : {}),
    wraps: wrapAxes(tiling),
    ...(folded && !open ? {} : { adapt }),
    fed: (key) => (fed.keys.has(key) ? inputNameWeight(key) : undefined),
  })
  return { parameters, modules, fed }
}
