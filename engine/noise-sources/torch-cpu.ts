// torch.randn of float32 on the CPU (pytorch, aten/src/ATen/native/cpu/DistributionTemplates.h, normal_fill; core/DistributionsHelper.h).
// The uniforms are equal in every bit; the normals to a few units of the last place, which torch's own vector code makes differently by processor.
import { mersenneTwister } from './mersenne-twister.ts'

/** Numbers of a torch.Generator of this seed, draw for draw. */
export function torchCpu(seed: number): (count: number) => Float32Array {
  const word = mersenneTwister(seed)
  const uniform = (): number => (word() & 0xffffff) * 2 ** -24
  // Of two normals that one draw makes: kept for the next, where draws are small.
  let spare: number | undefined
  const single = (): number => {
    if (spare !== undefined) {
      const kept = spare
      spare = undefined
      return kept
    }
    const [u1, u2] = [double(word), double(word)]
    const radius = Math.sqrt(-2 * Math.log1p(-u2))
    spare = radius * Math.sin(2 * Math.PI * u1)
    return radius * Math.cos(2 * Math.PI * u1)
  }
  return (count) => {
    if (count < 16) return Float32Array.from({ length: count }, single)
    const out = Float32Array.from({ length: count }, uniform)
    for (let at = 0; at + 16 <= count; at += 16) paired(out, at)
    if (count % 16 > 0) {
      // The last sixteen are drawn anew.
      for (let i = count - 16; i < count; i++) out[i] = uniform()
      paired(out, count - 16)
    }
    return out
  }
}

/** Box and Muller's, of sixteen uniforms: each of the first eight with the one eight places behind. */
function paired(out: Float32Array, at: number): void {
  for (let i = at; i < at + 8; i++) {
    const radius = Math.sqrt(-2 * Math.log(1 - (out[i] ?? 0)))
    const angle = 2 * Math.PI * (out[i + 8] ?? 0)
    out[i] = radius * Math.cos(angle)
    out[i + 8] = radius * Math.sin(angle)
  }
}

/** Uniform with 53 bits, of two words. */
function double(word: () => number): number {
  const [high, low] = [word(), word()]
  return ((high & 0x1fffff) * 2 ** 32 + low) * 2 ** -53
}
