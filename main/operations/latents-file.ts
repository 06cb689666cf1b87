// Noise and latents as safetensors, for exact comparison with other programs.
import { openSafetensors, readTensor, writeSafetensors } from '../../engine/files/safetensors.ts'
import { PigmentError } from '../../engine/requests/error.ts'
import { fromFloat32 } from '../../engine/tensor/dtype.ts'
import type { Tensor } from '../../engine/tensor/tensor.ts'

/** Unit normal noise (1, C, h, w): the tensor called `noise` or `latents`, or else the first. Throws `noise-missing`, `noise-shape`, `noise-nan`. */
export async function readNoise(path: string): Promise<Tensor> {
  const file = await openSafetensors(path)
  const name = ['noise', 'latents'].find((known) => file.entries.has(known)) ?? file.entries.keys().next().value
  if (name === undefined)
    throw new PigmentError('noise-missing', `"${path}" holds no tensor. Store the noise in it as one tensor of shape (1, C, h, w).`, {
      path,
    })
  const noise = await readTensor(file, name)
  if (noise.shape.length !== 4 || noise.shape[0] !== 1 || noise.data.length === 0)
    throw new PigmentError('noise-shape', `"${path}": "${name}" has shape (${noise.shape.join(', ')}), expected (1, C, h, w).`, {
      path,
      name,
      shape: noise.shape,
    })
  if (!noise.data.every(Number.isFinite))
    throw new PigmentError('noise-nan', `"${path}": "${name}" holds values that are no finite numbers. Make the noise again.`, {
      path,
      name,
    })
  return noise
}

/** The clean latents of a picture, as one fp32 tensor called `latents`. */
export async function writeLatents(path: string, { shape, data }: Tensor): Promise<void> {
  await writeSafetensors(path, [{ name: 'latents', dtype: 'F32', shape, data: fromFloat32(data, 'float32') }])
}

/** The picture's size that goes with the noise. Throws `noise-shape` where it contradicts the model or the size asked for. */
export function sizeFromNoise(
  noise: Tensor,
  model: { readonly channels: number; readonly pixelFactor: number },
  asked: { readonly width?: number | undefined; readonly height?: number | undefined },
): { width: number; height: number } {
  const [, channels = 0, rows = 0, columns = 0] = noise.shape
  const size = { width: columns * model.pixelFactor, height: rows * model.pixelFactor }
  const fits = channels === model.channels && (asked.width ?? size.width) === size.width && (asked.height ?? size.height) === size.height
  if (fits) return size
  const { width = size.width, height = size.height } = asked
  const expected = [1, model.channels, height / model.pixelFactor, width / model.pixelFactor]
  throw new PigmentError(
    'noise-shape',
    `The noise has shape (${noise.shape.join(', ')}); a ${width}×${height} picture of this model needs (${expected.join(', ')}). Leave --width and --height out, or make other noise.`,
    { expected, got: noise.shape },
  )
}
