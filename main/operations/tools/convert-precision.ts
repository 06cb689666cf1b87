import { stat } from 'node:fs/promises'
import { openSafetensors, type TensorToWrite } from '../../../engine/files/safetensors.ts'
import { toFloat32 } from '../../../engine/tensor/dtype.ts'
import type { OperationContext } from '../../processes/operation.ts'
import { prepareOutput } from '../output-file.ts'
import type { StoredPrecision } from '../stored-precision.ts'
import { finiteTensor, isWeight, sameBytes, storedIn, writeTensors } from '../tensor-files.ts'

interface ConvertTask {
  readonly file: string
  readonly precision: StoredPrecision
  readonly out: string
}

const dtypes = { fp32: 'float32', fp16: 'float16', bf16: 'bfloat16' } as const

/** The same tensors under the same names in another precision; metadata stays, and hashes are made anew. Throws `tensor-not-finite`, `precision-overflow`. */
export async function convertPrecision({ file, precision, out }: ConvertTask, { signal }: Pick<OperationContext, 'signal'>) {
  const target = await prepareOutput(out, '.safetensors', [file])
  const source = await openSafetensors(file)
  const tensors: TensorToWrite[] = []
  let [difference, norm] = [0, 0]
  for (const name of source.entries.keys()) {
    signal.throwIfAborted()
    if (!isWeight(source, name)) {
      tensors.push(await sameBytes(source, name))
      continue
    }
    const { shape, data } = await finiteTensor(source, name)
    const stored = storedIn(name, { shape, data }, precision)
    const back = toFloat32(stored.data, dtypes[precision])
    for (let i = 0; i < data.length; i++) {
      difference += ((data[i] as number) - (back[i] as number)) ** 2
      norm += (data[i] as number) ** 2
    }
    tensors.push(stored)
  }
  await writeTensors(target, tensors, Object.fromEntries(source.metadata))
  return {
    out: target,
    precision,
    tensors: tensors.length,
    error: norm > 0 ? Math.sqrt(difference / norm) : 0,
    sizeBytesBefore: source.size,
    sizeBytes: (await stat(target)).size,
  }
}
