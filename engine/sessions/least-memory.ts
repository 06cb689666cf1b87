// Pictures that no memory of this machine holds are refused before anything is drawn, also where only the larger run of hires fix is one.
import type { UNetConfig } from '../checkpoint/config.ts'
import type { Size } from '../images/model-range.ts'
import { byteSize } from '../requests/byte-size.ts'
import { PigmentError } from '../requests/error.ts'
import { memoryRoom, type MemoryRoom } from '../runtime/memory-room.ts'
import type { Model } from './open-model.ts'

/** Bytes that the UNet cannot do without for one picture of (h, w) cells: the maps of the way down, which all wait for the way up, in fp32. */
export function leastMaps(
  { blockOutChannels, layersPerBlock }: Pick<UNetConfig, 'blockOutChannels' | 'layersPerBlock'>,
  h: number,
  w: number,
) {
  const last = blockOutChannels.length - 1
  return blockOutChannels.reduce(
    (sum, C, i) => {
      const here = layersPerBlock * C * (h / 2 ** i) * (w / 2 ** i)
      const further = i < last ? C * (h / 2 ** (i + 1)) * (w / 2 ** (i + 1)) : 0
      return sum + 4 * (here + further)
    },
    4 * (blockOutChannels[0] ?? 0) * h * w,
  )
}

/** Throws `draw-memory-short`. What a graphics card has is not known. */
export function refuseBeyondMemory(
  {
    checkpoint,
    pixelFactor,
    sessionOptions: { provider = 'cpu', precision },
  }: Pick<Model, 'checkpoint' | 'pixelFactor' | 'sessionOptions'>,
  { width, height }: Size,
  { total }: Pick<MemoryRoom, 'total'> = memoryRoom(),
): void {
  if (provider !== 'cpu') return
  const needed = leastMaps(checkpoint.unet.config, height / pixelFactor, width / pixelFactor) / (precision === 'fp16' ? 2 : 1)
  if (needed <= total) return
  const [least, there] = [byteSize(needed), byteSize(total)]
  const sentence = `A picture of ${width}×${height} takes more than ${least} of memory, and this machine has ${there}. Choose a smaller size, or less enlargement of hires fix.`
  throw new PigmentError('draw-memory-short', sentence, { width, height, needed: least, room: there })
}
