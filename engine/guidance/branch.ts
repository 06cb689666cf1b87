// Rows that one UNet predicts in one run.
import type { Family } from '../checkpoint/config.ts'
import type { Conditioning } from '../models/conditioning.ts'
import type { PictureSizes } from '../models/denoiser.ts'
import { familyCalled } from '../models/family-called.ts'
import type { Frame } from '../sessions/frame.ts'
import { besideRows } from '../sessions/masked-input.ts'
import { runAdapted, type AdaptedSession, type StackFeeds } from '../sessions/adapted-session.ts'
import { elementCount, type Tensor } from '../tensor/tensor.ts'

export interface Branch {
  readonly family: Family
  readonly unet: AdaptedSession
  readonly feeds: StackFeeds
  readonly conditioning: Conditioning
  /** Sees all that the network tells. */
  readonly see?: ((told: Record<string, Tensor>) => void) | undefined
}

/** What is drawn: the latents of all pictures, and what a network for inpainting sees beside those of each, (1 + C, h, w). */
export interface Drawn extends Frame {
  readonly beside?: Float32Array | undefined
}

/** The raw output for each prompt of a branch, of all pictures, at a step of those that are taken. */
export async function predict(
  { family, unet, feeds, conditioning, see }: Branch,
  { shape, width, height, beside }: Drawn,
  x: Float32Array,
  timestep: number,
  step: number,
): Promise<Float32Array[]> {
  const rows = conditioning.context.shape[0] ?? 1
  const size = elementCount(shape)
  const passes = rows / (shape[0] ?? 1)
  const sample = new Float32Array(passes * size)
  for (let n = 0; n < passes; n++) sample.set(x, n * size)
  const sizes = { original: { width, height }, drawn: { width, height } }
  const fed = {
    sample: { shape: [rows, ...shape.slice(1)], data: sample },
    timestep: { shape: [rows], data: new Float32Array(rows).fill(timestep) },
    ...besideRows(beside, rows, shape),
    ...familyCalled(family).denoiser.feeds(
      conditioning,
      Array.from({ length: rows }, (): PictureSizes => sizes),
    ),
  }
  const said: Float32Array[] = []
  for (let pass = 0; pass < feeds.passes; pass++) {
    const told = await runAdapted(unet, fed, feeds, { step, pass })
    see?.(told)
    said.push(told.out?.data ?? sample)
  }
  const data = mean(said)
  return Array.from({ length: passes }, (_, n) => data.subarray(n * size, (n + 1) * size))
}

function mean(said: readonly Float32Array[]): Float32Array {
  const [first = new Float32Array(), ...others] = said
  if (others.length === 0) return first
  return first.map((value, i) => others.reduce((sum, one) => sum + (one[i] ?? 0), value) / said.length)
}

/** The last rows alone, as many as there are prompts. */
export function promptsOf({ conditioning: { context, pooled }, ...networks }: Branch, prompts: number): Branch {
  const rows = ({ shape: [, ...row], data }: Tensor): Tensor => ({
    shape: [prompts, ...row],
    data: data.slice(-prompts * elementCount(row)),
  })
  return { ...networks, conditioning: { context: rows(context), ...(pooled ? { pooled: rows(pooled) } : {}) } }
}
