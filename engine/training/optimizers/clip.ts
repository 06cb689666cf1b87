/** ‖grads‖₂, summed in fp64. */
export function globalNorm(grads: Float32Array): number {
  let sum = 0
  for (let i = 0; i < grads.length; i++) sum += (grads[i] ?? 0) ** 2
  return Math.sqrt(sum)
}

/** Scales all gradients in place so that their norm is at most `maxNorm`; returns the norm they had. */
export function clipGlobalNorm(grads: Float32Array, maxNorm: number): number {
  const norm = globalNorm(grads)
  const scale = clipScale(norm, maxNorm)
  if (scale !== 1) for (let i = 0; i < grads.length; i++) grads[i] = (grads[i] ?? 0) * scale
  return norm
}

/** The factor that clipping applies. The millionth is torch's: without it the saved adapters differ in their last digits. */
export function clipScale(norm: number, maxNorm: number): number {
  // A norm that is not a number makes every gradient so: the caller's check must see it.
  return Math.min(1, maxNorm / (norm + 1e-6))
}
