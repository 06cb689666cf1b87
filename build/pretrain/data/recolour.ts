// Pictures in colours and contrasts that the base styles do not have, so that the autoencoder can draw styles that it never saw.
import type { Random } from './random.ts'

/** Keeps most pictures; some have their colours exchanged, or lose them, or become almost black and white. RGB in, RGB out. */
export function recolour(rgb: Uint8Array, random: Random): Uint8Array {
  const [kind, first, second, threshold] = [random(), Math.floor(random() * 3), Math.floor(random() * 2), 90 + 120 * random()]
  if (kind < 0.6) return rgb
  const out = new Uint8Array(rgb.length)
  const order = [0, 1, 2].filter((channel) => channel !== first)
  const channels = [first, ...(second === 0 ? order : order.toReversed())]
  for (let i = 0; i < rgb.length; i += 3) {
    const grey = 0.299 * (rgb[i] ?? 0) + 0.587 * (rgb[i + 1] ?? 0) + 0.114 * (rgb[i + 2] ?? 0)
    // A steep curve, not a step: the borders keep their antialiasing.
    const ink = Math.min(255, Math.max(0, 128 + (grey - threshold) * 4))
    for (let c = 0; c < 3; c++) out[i + c] = kind < 0.8 ? (rgb[i + (channels[c] ?? 0)] ?? 0) : kind < 0.9 ? grey : ink
  }
  return out
}
