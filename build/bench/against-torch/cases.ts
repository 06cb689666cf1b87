// The cases that are measured against PyTorch and OpenVINO, with the bars of this project: what a step takes, ours over theirs.
import type { ClipTextConfig, UNetConfig, VaeConfig } from '../../../engine/checkpoint/config.ts'
import { sd1 } from '../../../engine/models/families/sd1/family.ts'
import { clipL, publishedVae } from '../../../engine/models/published.ts'
import { clipModules } from '../../../engine/models/keys/clip-modules.ts'
import type { ModuleShape } from '../../../engine/models/keys/modules.ts'
import { unetModules } from '../../../engine/models/keys/unet-modules.ts'
import { vaeModules } from '../../../engine/models/keys/vae-modules.ts'

export const unets = {
  sd15: sd1.published.unet,
  half: { ...sd1.published.unet, blockOutChannels: [160, 320, 640, 640] },
  quarter: { ...sd1.published.unet, blockOutChannels: [96, 160, 320, 320], crossAttentionDim: 256, normGroups: 32 },
} as const satisfies Readonly<Record<string, UNetConfig>>
export const text: ClipTextConfig = clipL
export const vae: VaeConfig = publishedVae

/** Whose weights: random ones of this shape, or those of the embedded model. */
export type Network = keyof typeof unets | 'text' | 'vae' | 'embedded'
export type Task = 'forward' | 'lora' | 'encode' | 'decode' | 'picture' | 'reweigh'

export interface Case {
  readonly network: Network
  readonly task: Task
  readonly batch: number
  /** Side of the latents. */
  readonly cells: number
  readonly layers?: 'attention' | 'all'
  readonly recompute?: boolean
  /** Steps that are timed: many where they are short. */
  readonly steps: number
  /** What a step of ours may take of one of PyTorch's, and of OpenVINO's. */
  readonly bar: number
  readonly openvino?: number
  /** Against taking fused adapters out and fusing them anew. */
  readonly fused?: boolean
  /** Does not fit into memory beside the other side: one after the other. */
  readonly large?: boolean
}

export const tokens = 77
/** Of the embedded model's captions. */
export const embeddedTokens = 32

export const cases: Readonly<Record<string, Case>> = {
  'forward-512': { network: 'sd15', task: 'forward', batch: 1, cells: 64, steps: 3, bar: 0.7, openvino: 0.95 },
  'forward-512-b2': { network: 'sd15', task: 'forward', batch: 2, cells: 64, steps: 2, bar: 0.75, openvino: 0.95 },
  'forward-256': { network: 'sd15', task: 'forward', batch: 1, cells: 32, steps: 5, bar: 0.45, openvino: 0.95 },
  'lora-512-recomputed': { network: 'sd15', task: 'lora', batch: 1, cells: 64, recompute: true, steps: 1, bar: 0.75, large: true },
  'lora-256-b2': { network: 'sd15', task: 'lora', batch: 2, cells: 32, steps: 2, bar: 0.6, large: true },
  'lora-half': { network: 'half', task: 'lora', batch: 1, cells: 32, steps: 4, bar: 0.9 },
  'embedded-forward': { network: 'embedded', task: 'forward', batch: 2, cells: 8, steps: 100, bar: 0.5 },
  'embedded-lora': { network: 'embedded', task: 'lora', batch: 4, cells: 8, layers: 'attention', steps: 30, bar: 0.5 },
  'embedded-lora-all': { network: 'embedded', task: 'lora', batch: 4, cells: 8, layers: 'all', steps: 20, bar: 0.5 },
  'embedded-picture': { network: 'embedded', task: 'picture', batch: 1, cells: 8, steps: 8, bar: 0.5 },
  text: { network: 'text', task: 'encode', batch: 1, cells: 0, steps: 15, bar: 0.7 },
  encode: { network: 'vae', task: 'encode', batch: 1, cells: 64, steps: 2, bar: 0.7 },
  decode: { network: 'vae', task: 'decode', batch: 1, cells: 64, steps: 2, bar: 0.7 },
  reweigh: { network: 'sd15', task: 'reweigh', batch: 1, cells: 8, steps: 9, bar: 1 },
  'reweigh-fused': { network: 'sd15', task: 'reweigh', batch: 1, cells: 8, steps: 2, bar: 0.1, fused: true },
}

/** Modules of a network with random weights. */
export function modulesOf(network: Exclude<Network, 'embedded'>): ModuleShape[] {
  if (network === 'text') return clipModules(text)
  return network === 'vae' ? vaeModules(vae) : unetModules(unets[network])
}
