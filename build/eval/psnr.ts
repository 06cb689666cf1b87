// How near a picture is to another, in decibels.

/** 10·log10(255² / mean squared difference); 99 for equal pictures. */
export function psnr(a: Uint8Array, b: Uint8Array): number {
  let squares = 0
  for (let i = 0; i < a.length; i++) squares += ((a[i] ?? 0) - (b[i] ?? 0)) ** 2
  return squares === 0 ? 99 : 10 * Math.log10((255 * 255 * a.length) / squares)
}

/** The mean of each pair's figure, as reconstruction is reported. */
export function meanPsnr(pairs: readonly (readonly [Uint8Array, Uint8Array])[]): number {
  return pairs.reduce((sum, [a, b]) => sum + psnr(a, b), 0) / Math.max(1, pairs.length)
}
