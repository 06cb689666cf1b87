// Adapter files that somebody spoiled: each a recorded one with one to three changes, by its number alone.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { PigmentError } from '../requests/error.ts'
import { bitsOf } from '../files/safetensors-dtype.ts'
import { mersenneTwister } from '../tensor/mersenne-twister.ts'
import { censusBase, censusCases, type CensusCase } from './fixtures/census.ts'
import { readAdapter } from './read.ts'

type Entry = { dtype: unknown; shape: unknown; data_offsets: unknown }
type Random = (below: number) => number
interface Spoilt {
  /** Keys with their descriptions, in their order; a key may stand there twice. */
  entries: [key: string, entry: Entry][]
  metadata: Record<string, unknown> | undefined
  data: Buffer
  config: Record<string, unknown> | undefined
}

const pick = <T>(random: Random, list: readonly T[]): T => list[random(list.length)] as T
const odd: readonly unknown[] = [null, -1, 0, 1.5, 1e308, '8', [], {}, true, 'NaN', 2 ** 53, [[1]]]
const names = [
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  '',
  '.',
  'a'.repeat(3000),
  '\u0000',
  '../../x',
  'lora_unet_',
  'base_model.model.',
]
const endings = [
  '.lora_down.weight',
  '.lora_B.weight',
  '.alpha',
  '.scale',
  '.weight',
  '.dora_scale',
  '.hada_w1_a',
  '.lokr_w1',
  '.diff',
  '.oft_blocks',
  '.lora_E',
  '.vera_lambda_b',
  '.absmax',
  '.weight_scale',
  '.comfy_quant',
  '.quant_state.bitsandbytes__nf4',
]
const types = ['F64', 'F32', 'F16', 'BF16', 'F8_E4M3', 'F8_E5M2', 'F8_E8M0', 'F4', 'I64', 'I8', 'U8', 'BOOL', 'C64', 'F33']

/** Each changes what it is given. */
const changes: Readonly<Record<string, (file: Spoilt, random: Random) => void>> = {
  'a key less': ({ entries }, random) => void entries.splice(random(entries.length), 1),
  'a key twice': ({ entries }, random) => void entries.push([...pick(random, entries)]),
  'a name of another kind': ({ entries }, random) => void (pick(random, entries)[0] = pick(random, names)),
  'a name inside a name'({ entries }, random) {
    const entry = pick(random, entries)
    entry[0] = pick(random, names) + pick(random, endings)
  },
  'another ending'({ entries }, random) {
    const entry = pick(random, entries)
    entry[0] = entry[0].replace(/\.[^.]+(\.weight)?$/, '') + pick(random, endings)
  },
  'another type': ({ entries }, random) => void (pick(random, entries)[1].dtype = pick(random, [...types, 7, null])),
  'another shape'({ entries }, random) {
    const [, entry] = pick(random, entries)
    const shape = Array.isArray(entry.shape) ? (entry.shape as unknown[]) : []
    entry.shape = pick(random, [
      shape.toReversed(),
      [...shape, 1],
      [0, ...shape.slice(1)],
      shape.slice(1),
      [shape[0], 0],
      [2 ** 40, 2 ** 40],
      odd,
      -1,
    ])
  },
  'other offsets': ({ entries }, random) =>
    void (pick(random, entries)[1].data_offsets = pick(random, [[0, 0], [8, 4], [0, 2 ** 52], [-4, 0], 'x', [1.5, 3]])),
  'numbers that are none'({ entries, data }, random) {
    const [, { data_offsets: at }] = pick(random, entries)
    const from = Array.isArray(at) && Number.isSafeInteger(at[0]) && (at[0] as number) >= 0 ? (at[0] as number) : 0
    data.subarray(from, from + 8).fill(pick(random, [0xff, 0x7f, 0, 0x7c]))
  },
  'other bytes': ({ data }, random) => void (data[random(Math.max(data.length, 1))] = random(256)),
  'less data': (file, random) => void (file.data = file.data.subarray(0, random(file.data.length + 1))),
  'more data': (file, random) => void (file.data = Buffer.concat([file.data, Buffer.alloc(1 + random(64))])),
  'metadata of another kind': (file, random) => void (file.metadata = { format: pick(random, odd), __proto__x: 'y' }),
  'a config inside the metadata': (file, random) =>
    void (file.metadata = {
      lora_adapter_metadata: pick(random, [
        '{',
        '[]',
        'null',
        '{"unet.r": "x"}',
        '{"unet.lora_alpha": 1e999}',
        '{"unet.alpha_pattern": {"(a+)+$": 1}}',
        '{"__proto__": {"polluted": 1}}',
      ]),
    }),
  'another config'(file, random) {
    file.config ??= {}
    const field = pick(random, [
      ...Object.keys(file.config),
      'peft_type',
      'lora_alpha',
      'r',
      'rank_pattern',
      'alpha_pattern',
      'random_loc_seed',
      'projection_prng_key',
      'init_lora_weights',
    ])
    file.config[field] = pick(random, [...odd, 'VERA', 'FOURIERFT', 'OFT', 'NEW', 'olora', 'pissa', { '.*(a|b)+': 3 }, { x: {} }])
  },
  'layers of another file'({ entries }, random) {
    const other = opened(pick(random, censusCases))
    for (const [key] of other.entries.slice(0, 1 + random(other.entries.length))) entries.push([key, { ...pick(random, entries)[1] }])
  },
}

/** The first weights of a recorded file. */
function opened({ files }: CensusCase): Spoilt & { readonly path: string } {
  const [path = '', text = ''] = Object.entries(files).find(([name]) => name.endsWith('.safetensors')) ?? []
  const bytes = Buffer.from(text, 'base64')
  const length = Number(bytes.readBigUInt64LE(0))
  const { __metadata__: metadata, ...entries } = JSON.parse(bytes.subarray(8, 8 + length).toString()) as Record<string, Entry>
  const said = Object.entries(files).find(([name]) => name.endsWith('.json'))?.[1]
  return {
    path,
    entries: Object.entries(entries),
    metadata: metadata as Record<string, unknown> | undefined,
    data: Buffer.from(bytes.subarray(8 + length)),
    config: said === undefined ? undefined : (JSON.parse(Buffer.from(said, 'base64').toString()) as Record<string, unknown>),
  }
}

/** The same tensors one behind the other, as a sound file has them: what is then wrong with it is no matter of the container. */
function laidOut({ entries, metadata, data, config }: Spoilt): Spoilt {
  const [laid, parts]: [Map<string, Entry>, Buffer[]] = [new Map(), []]
  let end = 0
  for (const [key, { dtype, shape, data_offsets: at }] of entries) {
    const bits = typeof dtype === 'string' ? bitsOf(dtype) : undefined
    const sound = Array.isArray(shape) && shape.every((n) => Number.isSafeInteger(n) && (n as number) >= 0)
    const bytes = bits !== undefined && sound ? ((shape as number[]).reduce((a, b) => a * b, 1) * bits) / 8 : NaN
    if (!(Number.isInteger(bytes) && bytes < 1e6) || laid.has(key)) continue
    const from = Array.isArray(at) && Number.isSafeInteger(at[0]) && (at[0] as number) >= 0 ? (at[0] as number) : 0
    const part = Buffer.alloc(bytes)
    part.set(data.subarray(from, from + bytes))
    laid.set(key, { dtype, shape, data_offsets: [end, end + bytes] })
    parts.push(part)
    end += bytes
  }
  const strings = Object.entries(metadata ?? {}).filter(([, value]) => typeof value === 'string')
  return { entries: [...laid], metadata: Object.fromEntries(strings), data: Buffer.concat(parts), config }
}

/** The bytes of a file; a last change may spoil those. */
function written({ entries, metadata, data }: Spoilt, random: Random): Buffer {
  const described = entries.map(([key, entry]) => `${JSON.stringify(key)}:${JSON.stringify(entry)}`)
  if (metadata) described.unshift(`"__metadata__":${JSON.stringify(metadata)}`)
  const header = Buffer.from(`{${described.join(',')}}`)
  const first = Buffer.alloc(8)
  first.writeBigUInt64LE(BigInt(header.length))
  const raw = random(24)
  if (raw === 0)
    first.writeBigUInt64LE(pick(random, [0n, 1n, 2n ** 30n, 2n ** 63n, BigInt(header.length + 1), BigInt(Math.max(header.length - 1, 0))]))
  if (raw === 1) for (let k = 0; k < 3; k++) header[random(header.length)] = random(256)
  const whole = Buffer.concat([first, header, data])
  return raw === 2 ? whole.subarray(0, random(whole.length)) : whole
}

export interface Outcome {
  /** What was done to which file. */
  readonly what: string
  /** "read", or the code of its refusal. */
  readonly came: string
  /** What is wrong with that: undefined for a sound outcome. */
  readonly wrong?: string
  readonly milliseconds: number
}

/** A spoilt file by its number: the bytes, and the config that stands beside them. */
function spoilt(number: number) {
  const draw = mersenneTwister(number)
  const random: Random = (below) => draw() % below
  const one = pick(random, censusCases)
  const file = opened(one)
  const done = Array.from({ length: 1 + random(3) }, () => pick(random, Object.keys(changes)))
  for (const name of done) if (file.entries.length > 0) changes[name]?.(file, random)
  return { one, done, file, bytes: written(random(4) > 0 ? laidOut(file) : file, random) }
}

/** The bytes of a spoilt file alone. */
export const spoiltBytes = (number: number): Buffer => spoilt(number).bytes

/** Spoils one file and reads it. */
export async function fuzzed(number: number, folder: string): Promise<Outcome> {
  const { one, done, file, bytes } = spoilt(number)
  const at = await mkdtemp(join(folder, 'f-'))
  const path = join(at, file.path)
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, bytes)
  if (file.config) await writeFile(join(dirname(path), 'adapter_config.json'), JSON.stringify(file.config))
  const began = performance.now()
  const told = await outcomeOf(file.path.includes('/') ? at : path, one)
  await rm(at, { recursive: true })
  return { what: `${number}, ${one.name}: ${done.join(', ')}`, milliseconds: performance.now() - began, ...told }
}

async function outcomeOf(path: string, { family }: CensusCase): Promise<Pick<Outcome, 'came' | 'wrong'>> {
  try {
    const { modules, skipped } = await readAdapter(path, censusBase(family))
    if (modules.length === 0) return { came: 'read', wrong: 'nothing was read' }
    if (skipped.some(({ reason }) => reason.length < 10)) return { came: 'read', wrong: 'a key was left out without a reason' }
    const sick = modules.find(
      ({ tensors, alpha }) => !Number.isFinite(alpha) || Object.values(tensors).some(({ data }) => !data.every(Number.isFinite)),
    )
    return sick ? { came: 'read', wrong: `"${sick.path}" has numbers that are none` } : { came: 'read' }
  } catch (error) {
    if (!(error instanceof PigmentError))
      return { came: 'crash', wrong: error instanceof Error ? (error.stack ?? error.message) : String(error) }
    const sentence = error.message.length > 30 && error.message.includes(path)
    return sentence ? { came: error.code } : { came: error.code, wrong: `its sentence names no file: ${error.message}` }
  }
}

export const fuzzFolder = (): Promise<string> => mkdtemp(join(tmpdir(), 'pigment-fuzz-'))
