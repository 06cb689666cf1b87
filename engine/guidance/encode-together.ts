// The prompts of several pictures as the rows of one run.
import type { Tensor } from '../tensor/tensor.ts'
import type { Conditioning } from '../models/conditioning.ts'
import type { EncodeOptions, Model } from '../sessions/open-model.ts'

/**
 * Encodes each picture's prompts by themselves, as if it were the only one, and lays them side by side: the first prompts of all pictures, then the
 * second. A picture with a longer prompt makes the others' as long, with empty frames, as a longer negative prompt does.
 */
export async function encodeTogether(
  model: Model,
  pictures: readonly (readonly string[])[],
  options: EncodeOptions,
  finish: (conditioning: Conditioning) => Conditioning,
): Promise<Conditioning> {
  const encode = async (minChunks?: number): Promise<Conditioning[]> => {
    const encoded: Conditioning[] = []
    for (const prompts of pictures)
      encoded.push(finish(await model.encodePrompts(prompts, minChunks === undefined ? options : { ...options, minChunks })))
    return encoded
  }
  const tokensOf = (one: Conditioning): number => one.context.shape[1] ?? 0
  let encoded = await encode()
  const longest = Math.max(...encoded.map(tokensOf))
  const [frame = longest] = model.checkpoint.textEncoders.map(({ config }) => config.positions)
  if (encoded.some((one) => tokensOf(one) !== longest)) encoded = await encode(longest / frame)
  const pooled = encoded.flatMap((one) => one.pooled ?? [])
  return { context: sideBySide(encoded.map(({ context }) => context)), ...(pooled.length > 0 ? { pooled: sideBySide(pooled) } : {}) }
}

/** K tensors (P, …) → (P·K, …), the first rows of all, then the second. */
function sideBySide(parts: readonly Tensor[]): Tensor {
  const [first] = parts
  if (!first || parts.length === 1) return first ?? { shape: [0], data: new Float32Array() }
  const [rows = 1, ...row] = first.shape
  const size = first.data.length / rows
  const data = new Float32Array(parts.length * first.data.length)
  parts.forEach((part, k) => {
    for (let n = 0; n < rows; n++) data.set(part.data.subarray(n * size, (n + 1) * size), (n * parts.length + k) * size)
  })
  return { shape: [parts.length * rows, ...row], data }
}
