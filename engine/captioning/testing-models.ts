// Tiny random captioners in the layouts of the real ones, the same bytes each time: for tests, and for the recording of what the reference programs say.
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Graph, type Value } from '../graph/graph.ts'
import {
  add,
  cast,
  conv,
  gather,
  matMul,
  mul,
  reduceSum,
  reshape,
  shapeOf,
  sigmoid,
  slice,
  softmax,
  tanh,
  transpose,
  where,
} from '../graph/math.ts'
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

/** Sizes of the tiny captioner: side of its pictures, of a patch, D, and longest text. */
export const describerSizes = { side: 24, patch: 8, width: 8, longest: 16 } as const
const { side, patch, width, longest } = describerSizes
const patches = (side / patch) ** 2

/** Pictures (N, 3, side, side) → (N, P, D). */
export function encoderModel(): Uint8Array {
  const graph = new Graph('encoder')
  const x = graph.input('pixel_values', 'float32', ['N', 3, side, side])
  const cells = conv(x, random(graph, 'patches', [width, 3, patch, patch], 0.2), random(graph, 'patches.bias', [width], 0.5), {
    stride: patch,
  })
  graph.output('last_hidden_state', transpose(reshape(cells, [-1, width, patches]), [0, 2, 1]))
  return bytesOf(graph)
}

export type DecoderKind = 'blip' | 'merged'
/** Of each kind, tokens in its own spelling; the first ones are marks. */
export const tokenLists: Readonly<Record<DecoderKind, readonly string[]>> = {
  blip: ['[PAD]', '[DEC]', '[SEP]', 'a', 'photo', 'of', '##s', 'cat', "'", 's', 'dog', '.', ',', 'red', '##dish', 'tree', 'two'],
  merged: [
    '<|endoftext|>',
    'a',
    'Ġphoto',
    'Ġof',
    's',
    'Ġcat',
    'Ġdog',
    '.',
    'Ġred',
    'Ġtree',
    'Ġtwo',
    'Ġcaf',
    'Ã',
    '©',
    'Ġblue',
    'Ġsky',
    'ish',
  ],
}
const starts = { blip: 1, merged: 0 } as const
const ends = { blip: 2, merged: 0 } as const

/**
 * Ids (B, T) → logits (B, T, V): a mean of the tokens so far, the later ones more, that looks at the picture once. The merged one has the inputs of
 * a cache beside, and says the opposite where it is told to use it.
 */
export function decoderModel(kind: DecoderKind): Uint8Array {
  const graph = new Graph('decoder')
  const words = tokenLists[kind].length
  const ids = graph.input('input_ids', 'int64', ['B', 'T'])
  const mask = kind === 'blip' ? graph.input('attention_mask', 'int64', ['B', 'T']) : undefined
  const seen = graph.input('encoder_hidden_states', 'float32', ['B', 'P', width])
  const seenMask = kind === 'blip' ? graph.input('encoder_attention_mask', 'int64', ['B', 'P']) : undefined
  const embedded = gather(random(graph, `${kind}.words`, [words, width], 1), ids) // (B, T, D)
  const length = shapeOf(ids, 1, 2)
  const causal = Array.from(
    { length: longest ** 2 },
    (_, i) => 0.6 ** (Math.floor(i / longest) - (i % longest)) * +(i % longest <= i / longest),
  )
  const mix = slice(slice(graph.constant('float32', [longest, longest], causal), 0, 0, length), 1, 0, length)
  const column = (value: Value): Value => reshape(cast(value, 'float32'), [0, 0, 1])
  const h = matMul(mix, mask ? mul(embedded, column(mask)) : embedded)
  const keys = seenMask ? mul(seen, column(seenMask)) : seen
  const looked = matMul(softmax(matMul(h, transpose(keys, [0, 2, 1]))), keys)
  // Texts of a few words, not of all that there is room for.
  const endBias = graph.constant(
    'float32',
    [words],
    Array.from({ length: words }, (_, id) => (id === ends[kind] ? 1.6 : 0)),
  )
  let logits = add(matMul(tanh(add(h, looked)), random(graph, `${kind}.head`, [width, words], 1.2)), endBias)
  if (kind === 'merged') {
    const cache = graph.input('past_key_values.0.decoder.key', 'float32', ['B', 2, 'past', 3])
    const branch = graph.input('use_cache_branch', 'bool', [1])
    logits = add(where(branch, mul(logits, -1), logits), reduceSum(cache, [0, 1, 2, 3], false))
  }
  graph.output('logits', logits)
  return bytesOf(graph)
}

const preprocessing = {
  blip: {
    image_processor_type: 'BlipImageProcessor',
    resample: 3,
    image_mean: [0.48145466, 0.4578275, 0.40821073],
    image_std: [0.26862954, 0.26130258, 0.27577711],
  },
  merged: { image_processor_type: 'ViTImageProcessor', resample: 2, image_mean: [0.5, 0.5, 0.5], image_std: [0.5, 0.5, 0.5] },
} as const

/** BLIP's layout, or transformers.js's with a merged decoder in `onnx/`. Gives its folder. */
export async function writeDescriber(folder: string, kind: DecoderKind): Promise<string> {
  const models = kind === 'blip' ? folder : join(folder, 'onnx')
  await mkdir(models, { recursive: true })
  const json = (name: string, value: unknown): Promise<void> => writeFile(join(folder, name), `${JSON.stringify(value)}\n`)
  await writeFile(join(models, kind === 'blip' ? 'vision_model.onnx' : 'encoder_model.onnx'), encoderModel())
  await writeFile(join(models, kind === 'blip' ? 'text_decoder.onnx' : 'decoder_model_merged.onnx'), decoderModel(kind))
  await json('preprocessor_config.json', {
    ...{ do_resize: true, size: { height: side, width: side }, do_rescale: true, rescale_factor: 1 / 255, do_normalize: true },
    ...preprocessing[kind],
  })
  const tokens = tokenLists[kind]
  if (kind === 'blip') {
    await json('config.json', {
      model_type: 'blip',
      text_config: { bos_token_id: starts.blip, sep_token_id: ends.blip, eos_token_id: 5, pad_token_id: 0 },
    })
    await writeFile(join(folder, 'vocab.txt'), tokens.map((token) => `${token}\n`).join(''))
    return folder
  }
  await json('config.json', { model_type: 'vision-encoder-decoder', decoder_start_token_id: starts.merged, decoder: { bos_token_id: 5 } })
  await json('generation_config.json', { eos_token_id: ends.merged })
  await json('tokenizer.json', {
    added_tokens: [{ id: 0, content: tokens[0], special: true }],
    decoder: { type: 'ByteLevel' },
    model: { type: 'BPE', vocab: Object.fromEntries(tokens.map((token, id) => [token, id])), merges: [] },
  })
  return folder
}
