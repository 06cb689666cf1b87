// What is measured on a card: SD 1.5 and SDXL, in fp16 and fp32, by the engine and by PyTorch. And the same at tiny sizes, to try the script where no card is.
import type { UNetConfig } from '../../../engine/checkpoint/config.ts'
import { sd1 } from '../../../engine/models/families/sd1/family.ts'
import { sdxl } from '../../../engine/models/families/sdxl/family.ts'
import type { Feed } from '../../../engine/runtime/session.ts'
import { noise } from '../against-torch/ours.ts'

export interface Shape {
  readonly family: 'sd1' | 'sdxl'
  readonly unet: UNetConfig
  /** Side of the latents. */
  readonly cells: number
}
const narrow = { blockOutChannels: [16, 32], heads: [2, 4], layersPerBlock: 1, normGroups: 8, crossAttentionDim: 32 }
export const shapes = {
  sd15: { family: 'sd1', unet: sd1.published.unet, cells: 64 },
  sdxl: { family: 'sdxl', unet: sdxl.published.unet, cells: 128 },
  'tiny-sd15': { family: 'sd1', unet: { ...sd1.published.unet, ...narrow, transformerLayers: [1, 0] }, cells: 8 },
  'tiny-sdxl': {
    family: 'sdxl',
    unet: { ...sdxl.published.unet, ...narrow, transformerLayers: [0, 1], midTransformerLayers: 1 },
    cells: 8,
  },
} as const satisfies Readonly<Record<string, Shape>>
export type ShapeName = keyof typeof shapes

export type Task = 'forward' | 'lora' | 'picture'
/** What a step of the engine may take of one of PyTorch's. */
export const bars: Readonly<Record<Task, number>> = { forward: 1, picture: 1, lora: 1.2 }
export type Precision = 'fp16' | 'fp32'

/** One run of one side, as both are told it. */
export interface Case {
  readonly shape: ShapeName
  readonly task: Task
  readonly precision: Precision
  /** Provider of the engine; `cuda` or `cpu` of PyTorch. */
  readonly device: string
  /** Steps after the first that are timed. */
  readonly steps: number
  /** Weights and inputs. */
  readonly folder: string
  /** Where the first answer goes. */
  readonly answer: string
}

export const rank = 16
const tokens = 77
/** A step of sampling takes both prompts as two rows. */
export const rowsOf = (task: Task): number => (task === 'picture' ? 2 : 1)

/** Latents, timestep and context, and what SDXL is told besides. */
export function inputsOf(shape: Shape, task: Task): Record<string, Feed> {
  const [rows, { unet, cells }] = [rowsOf(task), shape]
  const { addedCondition: added } = unet
  const rest: Record<string, Feed> = added
    ? {
        pooled: noise('pooled', [rows, added.inputDim - 6 * added.timeEmbedDim]),
        time_ids: { shape: [rows, 6], data: new Float32Array(6 * rows).map((_, i) => (i % 6 === 2 || i % 6 === 3 ? 0 : cells * 8)) },
      }
    : {}
  return {
    sample: noise('sample', [rows, unet.inChannels, cells, cells]),
    timestep: { shape: [rows], data: new Float32Array(rows).fill(500) },
    context: noise('context', [rows, tokens, unet.crossAttentionDim]),
    ...rest,
  }
}

/** Noise levels of the twenty steps of a picture, and the timesteps that the network is told with them. */
export const levels: readonly { readonly sigma: number; readonly next: number; readonly timestep: number }[] = Array.from(
  { length: 20 },
  (_, i) => {
    const sigma = (at: number): number => (at >= 20 ? 0 : 14.6 ** (1 - at / 10))
    return { sigma: sigma(i), next: sigma(i + 1), timestep: 999 - 50 * i }
  },
)
export const guidance = 7
