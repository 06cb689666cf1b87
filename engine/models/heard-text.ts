// A text encoder without the layers that the denoiser does not hear.
import type { ClipTextConfig, Network } from '../checkpoint/config.ts'

/**
 * Where a hidden state before the last conditions the UNet, the layers past it change nothing, unless the pooled text is made of the last one.
 * Keys and layers that are left are called as before.
 */
export function heardText({ config, weights }: Network<ClipTextConfig>, pooled: boolean): Network<ClipTextConfig> {
  const past = pooled ? 0 : config.skip - 1
  if (past === 0) return { config, weights }
  const layers = config.layers - past
  const heard = [...weights].filter(([key]) => Number(/\.layers\.(\d+)\./.exec(key)?.[1] ?? 0) < layers)
  return { config: { ...config, layers, skip: 1 }, weights: new Map(heard) }
}
