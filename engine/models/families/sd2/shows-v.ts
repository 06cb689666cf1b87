// Nothing names the 768 models of SD 2.x; ComfyUI (supported_models.py, SD20) tells them by this tensor, with this bound.
import { readTensor, type SafetensorsFile } from '../../../files/safetensors.ts'
import { unetPrefix } from '../../family.ts'

const lastNorm = `${unetPrefix}output_blocks.11.1.transformer_blocks.0.norm1.bias`
const vSpread = 0.09

/** Whether the biases of the last transformer block are spread as those of the 768 models. */
export const showsV = async (file: SafetensorsFile): Promise<boolean> => (await spreadOf(file, lastNorm)) > vSpread

/** Standard deviation of a tensor's values, 0 where it is absent. */
async function spreadOf(file: SafetensorsFile, key: string): Promise<number> {
  if (!file.entries.has(key)) return 0
  const { data } = await readTensor(file, key)
  const mean = data.reduce((sum, value) => sum + value, 0) / data.length
  return Math.sqrt(data.reduce((sum, value) => sum + (value - mean) ** 2, 0) / data.length)
}
