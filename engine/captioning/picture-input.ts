// Pictures as preprocessor_config.json wants them: resized, cut, scaled and normalised, in the order of transformers' image processors.
import type { Picture } from '../images/picture.ts'
import type { Size } from '../images/model-range.ts'
import { bicubic, resample } from '../images/resample.ts'
import { captionerFile, isTable, readJson, type Table } from './json-files.ts'

/** (1, 3, height, width). */
export interface PictureInput extends Size {
  readonly data: Float32Array
}

/** OpenAI's, which BLIP takes where nothing else is told. */
const usual = { mean: [0.48145466, 0.4578275, 0.40821073], std: [0.26862954, 0.26130258, 0.27577711] } as const

/** Throws `captioner-file`. */
export async function readPictureInput(path: string): Promise<(picture: Picture) => PictureInput> {
  const config = await readJson(path)
  const filter = typeof config.resample === 'number' ? config.resample : bicubic
  const target = config.do_resize === false ? undefined : targetOf(config.size, path)
  const crop = config.do_center_crop === true ? sizeOf(config.crop_size, path, 'crop_size') : undefined
  const scale = config.do_rescale === false ? 1 : typeof config.rescale_factor === 'number' ? config.rescale_factor : 1 / 255
  const normalises = config.do_normalize !== false
  const [mean, std] = normalises
    ? [threeOf(config.image_mean, usual.mean, path), threeOf(config.image_std, usual.std, path)]
    : [
        [0, 0, 0],
        [1, 1, 1],
      ]
  return (picture) => {
    const resized = target ? resample(picture, target(picture), filter) : picture
    const cut = crop ? fromMiddle(resized, crop) : resized
    const plane = cut.width * cut.height
    const data = new Float32Array(3 * plane)
    for (let i = 0; i < plane; i++)
      for (let c = 0; c < 3; c++) data[c * plane + i] = ((cut.data[3 * i + c] ?? 0) * scale - (mean[c] ?? 0)) / (std[c] ?? 1)
    return { width: cut.width, height: cut.height, data }
  }
}

type Target = (picture: Size) => Size

function targetOf(size: unknown, path: string): Target {
  const shortest = isTable(size) ? size.shortest_edge : undefined
  if (!isSide(shortest)) {
    const exact = sizeOf(size, path, 'size')
    return () => exact
  }
  return ({ width, height }) => {
    const long = Math.trunc((shortest * Math.max(width, height)) / Math.min(width, height))
    return width <= height ? { width: shortest, height: long } : { width: long, height: shortest }
  }
}

function sizeOf(size: unknown, path: string, name: string): Size {
  const { width, height }: Table = isTable(size) ? size : { width: size, height: size }
  if (isSide(width) && isSide(height)) return { width, height }
  throw captionerFile(path, `"${name}" tells no width and height from 1 to 4096`)
}
const isSide = (side: unknown): side is number => typeof side === 'number' && Number.isInteger(side) && side >= 1 && side <= 4096

function threeOf(value: unknown, otherwise: readonly number[], path: string): readonly number[] {
  if (value === undefined) return otherwise
  if (Array.isArray(value) && value.length === 3 && value.every((one) => typeof one === 'number')) return value
  throw captionerFile(path, 'its mean or deviation are not three numbers')
}

/** What lies outside of the picture is black. */
function fromMiddle({ width, height, data }: Picture, to: Size): Picture {
  const [left, top] = [Math.floor((width - to.width) / 2), Math.floor((height - to.height) / 2)]
  const out = new Uint8Array(to.width * to.height * 3)
  for (let y = 0; y < to.height; y++)
    for (let x = 0; x < to.width; x++) {
      const [fromX, fromY] = [left + x, top + y]
      if (fromX < 0 || fromY < 0 || fromX >= width || fromY >= height) continue
      const from = (fromY * width + fromX) * 3
      out.set(data.subarray(from, from + 3), (y * to.width + x) * 3)
    }
  return { ...to, data: out }
}
