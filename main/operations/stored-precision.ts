import { stat } from 'node:fs/promises'
import { openSafetensors } from '../../engine/files/safetensors.ts'

export type StoredPrecision = 'fp32' | 'fp16' | 'bf16'

/** The precision a file is stored in; mixed ones count as fp32. */
export async function precisionOf(path: string): Promise<StoredPrecision> {
  const source = await stat(path).then(async (found) => (found.isFile() ? openSafetensors(path) : undefined))
  const types = new Set([...(source?.entries.values() ?? [])].filter(({ shape }) => shape.length > 0).map(({ dtype }) => dtype))
  if (types.size !== 1) return 'fp32'
  return types.has('F16') ? 'fp16' : types.has('BF16') ? 'bf16' : 'fp32'
}
