// Pictures made worse the way generated ones are: soft, noisy, blocky, a little out of place.
import sharp from 'sharp'
import { normal, type Random } from '../pretrain/data/random.ts'

export type Damage = 'clean' | 'blurred' | 'noisy' | 'jpeg' | 'mixed'
export const damages: readonly Damage[] = ['clean', 'blurred', 'noisy', 'jpeg', 'mixed']

/** Gaussian blur of a square RGB picture; edges repeat. */
export function blur(rgb: Uint8Array, sigma: number, size = 64): Uint8Array {
  const radius = Math.max(1, Math.ceil(sigma * 2.5))
  const kernel = Array.from({ length: 2 * radius + 1 }, (_, i) => Math.exp(-((i - radius) ** 2) / (2 * sigma * sigma)))
  const total = kernel.reduce((a, b) => a + b, 0)
  let from = Float32Array.from(rgb)
  for (const across of [true, false]) {
    const out = new Float32Array(from.length)
    for (let y = 0; y < size; y++)
      for (let x = 0; x < size; x++)
        for (let k = -radius; k <= radius; k++) {
          const px = across ? Math.min(size - 1, Math.max(0, x + k)) : x
          const py = across ? y : Math.min(size - 1, Math.max(0, y + k))
          const weight = (kernel[k + radius] ?? 0) / total
          const [to, at] = [(y * size + x) * 3, (py * size + px) * 3]
          for (let c = 0; c < 3; c++) out[to + c] = (out[to + c] ?? 0) + weight * (from[at + c] ?? 0)
        }
    from = out
  }
  return Uint8Array.from(from, Math.round)
}

/** Adds normal noise of a standard deviation in levels of 255. */
export function addNoise(rgb: Uint8Array, deviation: number, random: Random): Uint8Array {
  return Uint8Array.from(rgb, (value) => Math.max(0, Math.min(255, Math.round(value + deviation * normal(random)))))
}

async function jpeg(rgb: Uint8Array, quality: number, size = 64): Promise<Uint8Array> {
  const file = await sharp(rgb, { raw: { width: size, height: size, channels: 3 } })
    .jpeg({ quality })
    .toBuffer()
  return new Uint8Array(await sharp(file).raw().toBuffer())
}

/** A copy with one kind of damage, of random strength. */
export async function degrade(rgb: Uint8Array, damage: Damage, random: Random): Promise<Uint8Array> {
  const strength = 0.3 + 0.7 * random()
  switch (damage) {
    case 'clean':
      return rgb
    case 'blurred':
      return blur(rgb, 1.2 * strength)
    case 'noisy':
      return addNoise(rgb, 16 * strength, random)
    case 'jpeg':
      return jpeg(rgb, Math.round(90 - 55 * strength))
    case 'mixed':
      return jpeg(addNoise(blur(rgb, 0.8 * strength), 8 * strength, random), Math.round(95 - 35 * strength))
  }
}
