// What a token's weight does to the text encoder's states.
import type { Emphasis } from '../requests/generate.ts'

export interface States {
  /** The encoder's states, row by row: (rows, positions, width). Changed in place. */
  readonly context: Float32Array
  /** (rows, positions) */
  readonly weights: Float32Array
  readonly positions: number
  readonly width: number
  /** States of the empty prompt, (positions, width): ComfyUI weighs a token against them. */
  readonly empty?: Float32Array
}

/** Whether any token of these weights counts more or less than 1. */
export const emphasises = (weights: Float32Array): boolean => weights.some((weight) => weight !== 1)

/**
 * A1111: states times weights, then each row scaled back to its former mean, or left as it is (modules/sd_emphasis.py, EmphasisOriginal and
 * EmphasisOriginalNoNorm; EmphasisIgnore weighs nothing).
 * ComfyUI: each weighted state is moved away from, or towards, that of the empty prompt (comfy/sd1_clip.py, encode_token_weights).
 */
export function emphasise(emphasis: Emphasis, { context, weights, positions, width, empty }: States): void {
  const rowSize = positions * width
  for (let row = 0; row * positions < weights.length; row++) {
    const [z, w] = [context.subarray(row * rowSize, (row + 1) * rowSize), weights.subarray(row * positions, (row + 1) * positions)]
    if (emphasis === 'a1111-ignore' || !emphasises(w)) continue
    const before = mean(z)
    for (let i = 0; i < rowSize; i++) {
      const weight = w[Math.floor(i / width)] ?? 1
      const origin = emphasis === 'comfyui' ? (empty?.[i] ?? 0) : 0
      z[i] = ((z[i] ?? 0) - origin) * weight + origin
    }
    if (emphasis !== 'a1111') continue
    const scale = before / mean(z)
    for (let i = 0; i < rowSize; i++) z[i] = (z[i] ?? 0) * scale
  }
}

const mean = (values: Float32Array): number => values.reduce((sum, value) => sum + value, 0) / values.length
