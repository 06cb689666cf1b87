// Adapter files tensor by tensor, whatever they mean: for what changes every number alike and no name.
import { contentHashes } from '../../engine/adapters/metadata.ts'
import { writeFileAtomic } from '../../engine/files/atomic.ts'
import { readBytes, readTensor, serializeSafetensors, type SafetensorsFile, type TensorToWrite } from '../../engine/files/safetensors.ts'
import { PigmentError } from '../../engine/requests/error.ts'
import { fromFloat32 } from '../../engine/tensor/dtype.ts'
import { allFinite, type Tensor } from '../../engine/tensor/tensor.ts'
import { refuseOverHalf } from './over-half.ts'
import type { StoredPrecision } from './stored-precision.ts'

const storedAs = {
  fp32: { raw: 'F32', dtype: 'float32' },
  fp16: { raw: 'F16', dtype: 'float16' },
  bf16: { raw: 'BF16', dtype: 'bfloat16' },
} as const

const floats = /^(F64|F32|F16|BF16|F8_\w+)$/

/** Numbers of a weight. Whole numbers, and an alpha or another scalar, are told as they are. */
export const isWeight = ({ entries }: SafetensorsFile, name: string): boolean => {
  const entry = entries.get(name)
  return entry !== undefined && entry.shape.length > 0 && floats.test(entry.dtype)
}

/** A tensor of finite numbers. Throws `tensor-not-finite`. */
export async function finiteTensor(file: SafetensorsFile, name: string): Promise<Tensor> {
  const tensor = await readTensor(file, name)
  if (allFinite(tensor.data)) return tensor
  throw new PigmentError(
    'tensor-not-finite',
    `"${file.path}": tensor "${name}" holds numbers that are not finite. Get another copy of this file.`,
    {
      path: file.path,
      name,
    },
  )
}

export async function sameBytes(file: SafetensorsFile, name: string): Promise<TensorToWrite> {
  const { dtype = 'F32', shape = [] } = file.entries.get(name) ?? {}
  return { name, dtype, shape, data: await readBytes(file, name) }
}

/** Throws `precision-overflow` where fp16 cannot hold a number. */
export function storedIn(name: string, { shape, data }: Tensor, precision: StoredPrecision): TensorToWrite {
  if (precision === 'fp16') refuseOverHalf(name, data)
  const { raw, dtype } = storedAs[precision]
  return { name, dtype: raw, shape, data: fromFloat32(data, dtype) }
}

/** With the hashes of what is written now, where the file had some. */
export async function writeTensors(
  path: string,
  tensors: readonly TensorToWrite[],
  metadata: Readonly<Record<string, string>>,
): Promise<void> {
  const hashes = ['sshs_model_hash', 'sshs_legacy_hash', 'modelspec.hash_sha256']
  const kept = Object.fromEntries(Object.entries(metadata).filter(([key]) => !hashes.includes(key)))
  const hashed = hashes.some((key) => key in metadata) ? contentHashes(tensors, kept) : {}
  await writeFileAtomic(path, serializeSafetensors(tensors, { ...kept, ...hashed }))
}
