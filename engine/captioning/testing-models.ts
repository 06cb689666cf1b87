// Tiny random captioners in the layouts of the real ones, the same bytes each time: for tests, and for the recording of what the reference programs say.
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Graph, type Value } from '../graph/graph.ts'
import { add, matMul, mul, reshape, sigmoid } from '../graph/math.ts'
import type { Picture } from '../images/picture.ts'
import { encodePng } from '../images/write-png.ts'
import { writeOnnx } from '../onnx/write.ts'
import '../ops/index.ts'
import { randomStream } from '../tensor/philox.ts'

const seed = 27
const inline = (): never => {
  throw new Error('A tiny model holds its weights.')
}
export const bytesOf = (graph: Graph): Uint8Array => writeOnnx(graph, inline)

export function random(graph: Graph, name: string, shape: readonly number[], scale: number): Value {
  const values = randomStream(seed, `captioner/${name}`, 0).normal(shape.reduce((n, size) => n * size, 1))
  return graph.constant(
    'float32',
    shape,
    values.map((value) => value * scale),
  )
}

export const tagSide = 16
export const tagRows: readonly (readonly [name: string, category: number])[] = [
  ['general', 9],
  ['sensitive', 9],
  ['1girl', 0],
  ['long_hair', 0],
  ['o_o', 0],
  ['smile', 0],
  ['"quoted,_tag"', 0],
  ['cat_(animal)', 0],
  ['outdoors', 0],
  ['tree', 0],
  ['hatsune_miku', 4],
  ['miku_(cosplay)', 4],
]

export function taggerModel(tags = tagRows.length): Uint8Array {
  const graph = new Graph('tagger')
  const x = graph.input('input', 'float32', ['N', tagSide, tagSide, 3])
  const flat = mul(add(reshape(x, [-1, tagSide * tagSide * 3]), -128), 1 / 64)
  const logits = add(matMul(flat, random(graph, 'tagger', [tagSide * tagSide * 3, tags], 0.06)), random(graph, 'bias', [tags], 0.5))
  graph.output('output', sigmoid(logits))
  return bytesOf(graph)
}

export const tagCsv = (rows = tagRows): string =>
  ['tag_id,name,category,count', ...rows.map(([name, category], i) => `${i},${csvField(name)},${category},${100 - i}`)].join('\n') + '\n'
const csvField = (name: string): string => (/[",]/.test(name) ? `"${name.replaceAll('"', '""')}"` : name)

/** Gives its folder. */
export async function writeTagger(folder: string): Promise<string> {
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, 'model.onnx'), taggerModel())
  await writeFile(join(folder, 'selected_tags.csv'), tagCsv())
  return folder
}

/** Smooth colours with an edge, so that a filter that is another one shows: wide, high, square and smaller than the model's. */
export const pictureSizes: readonly (readonly [width: number, height: number])[] = [
  [50, 31],
  [23, 64],
  [40, 40],
  [16, 16],
  [9, 7],
]
export const testingPictures = (): Picture[] =>
  pictureSizes.map(([width, height], n) => {
    const data = new Uint8Array(width * height * 3)
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++)
        for (let c = 0; c < 3; c++) {
          const wave = 127 + 100 * Math.sin((x * (c + 1 + n)) / 7) * Math.cos((y * (3 - c)) / (5 + n))
          data[(y * width + x) * 3 + c] = Math.round((x + 2 * y) % 17 < 3 ? 255 - wave : wave)
        }
    return { width, height, data }
  })

/** Gives their paths. */
export async function writePictures(folder: string): Promise<string[]> {
  await mkdir(folder, { recursive: true })
  return Promise.all(
    testingPictures().map(async (picture, n) => {
      const path = join(folder, `${n}.png`)
      await writeFile(path, await encodePng(picture))
      return path
    }),
  )
}
