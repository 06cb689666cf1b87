// A textual inversion as a file of its own, with the names that A1111 and ComfyUI read: `emb_params`, or one tensor for each text encoder.
import { writeFileAtomic } from '../files/atomic.ts'
import { serializeSafetensors } from '../files/safetensors.ts'
import { readEmbeddings } from '../embeddings/read.ts'
import { PigmentError } from '../requests/error.ts'
import { relativeL2 } from '../tensor/tensor.ts'
import type { Embedding } from '../text/embedding.ts'
import { stored, type Precision } from './format.ts'

const tolerance = { fp32: 0, fp16: 1e-3, bf16: 1e-2 } as const satisfies Record<Precision, number>

/** Writes it and reads it back. Throws `save-not-finite`, `save-mismatch`, `disk-full`, `not-writable` and the like. */
export async function writeEmbedding(
  { names: [name = ''], vectors }: Embedding,
  path: string,
  { precision, metadata }: { readonly precision: Precision; readonly metadata: Readonly<Record<string, string>> },
): Promise<void> {
  for (const { data } of Object.values(vectors))
    if (!data.every(Number.isFinite))
      throw new PigmentError(
        'save-not-finite',
        `"${name}" holds numbers that are not finite, which no program can draw with; nothing was written. Train again with a lower rate (triggerRate).`,
        { name, value: 'NaN' },
      )
  const tensors = Object.entries(vectors).map(([encoder, tensor]) => stored(encoder || 'emb_params', tensor, precision))
  await writeFileAtomic(path, serializeSafetensors(tensors, metadata))
  const [copy] = await readEmbeddings(path)
  const worst = Math.max(
    ...Object.entries(vectors).map(([encoder, { data }]) =>
      relativeL2(copy?.vectors[encoder]?.data ?? new Float32Array(data.length), data),
    ),
  )
  if (worst <= tolerance[precision]) return
  throw new PigmentError(
    'save-mismatch',
    `"${path}" was written, but reading it back gives other vectors (relative difference ${worst}). Write in fp32; if that does not help, write to another disk.`,
    { path, maxRelativeL2: String(worst) },
  )
}
