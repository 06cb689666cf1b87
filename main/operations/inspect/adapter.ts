import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { adapterFormats, openAdapter } from '../../../engine/adapter-formats/read.ts'
import { rankBlocks } from '../../../engine/adapters/rank-blocks.ts'
import { skippedReasons, type AdapterModule } from '../../../engine/adapters/adapter.ts'
import { isFolded, moduleRank, variantCalled } from '../../../engine/adapters/variants/variant.ts'
import { familyHint, familySign, inwardRoles } from '../../../engine/adapter-formats/family-hint.ts'
import { unwrapped } from '../../../engine/adapter-formats/group-keys.ts'
import { keyPart } from '../../../engine/adapter-formats/key-parts.ts'
import type { Term } from '../../../engine/adapters/term.ts'
import { triggersOf } from '../../../engine/adapters/triggers.ts'
import { readTensor } from '../../../engine/files/safetensors.ts'
import { adapterFolders } from '../../../engine/requests/adapter-formats.ts'
import type { RankBlock } from '../../../engine/requests/rank-blocks.ts'
import { PigmentError } from '../../../engine/requests/error.ts'
import { familyCalled } from '../../../engine/models/family-called.ts'
import { vectorCount } from '../../../engine/text/embedding.ts'
import { elementCount } from '../../../engine/tensor/tensor.ts'
import { readOnBase, type ReadOnBase } from '../adapter-bases.ts'
import { countBy } from '../count-by.ts'
import { looksLikeSafetensors, type Found, type Subject } from './subject.ts'

const adapterFiles = adapterFolders.flatMap(({ file, config }) => [file, ...(config === undefined ? [] : [config])])

interface InspectedAdapter {
  readonly kind: 'adapter'
  readonly path: string
  readonly name?: string
  readonly format: string | undefined
  /** The base model that it was read on. */
  readonly fits: string
  readonly family: string
  /** Of a file. */
  readonly sizeBytes?: number
  readonly layers: number
  readonly layersByNetwork?: Readonly<Record<string, number>>
  readonly variants?: Readonly<Record<string, number>>
  /** Layers that have to be folded into the weights: their strength costs a new session. */
  readonly folded?: number
  readonly parameters: number
  readonly ranks: readonly number[]
  /** Rank by layer, where they differ. */
  readonly rankBlocks?: readonly RankBlock[]
  readonly alphas: readonly number[]
  readonly triggers: readonly string[]
  /** Textual inversions that come with it. */
  readonly embeddings?: readonly { readonly name: string; readonly vectors: number }[]
  readonly datasetFingerprint?: string
  readonly leftOut?: number
  readonly leftOutReasons?: readonly string[]
  /** The first of the keys that are left out, each with its reason. */
  readonly leftOutKeys?: Readonly<Record<string, string>>
  readonly formatBecause?: string
  readonly familyBecause?: string
  /** How many layers have their scale told in which way, are stacked or folded, and how many tensors are stored as what. */
  readonly scales?: Readonly<Record<string, number>>
  readonly acts?: Readonly<Record<string, number>>
  readonly types?: Readonly<Record<string, number>>
  readonly metadata: Readonly<Record<string, string>>
}

export const adapterSubject = {
  name: 'adapter',

  async recognise(found) {
    if (found.folder)
      return (await namesOfAdapter(found)).some((name) => adapterFiles.includes(name))
        ? 'yes'
        : { no: `it holds none of ${adapterFiles.join(', ')}` }
    if (!looksLikeSafetensors(found)) return { no: 'it is not a safetensors file' }
    return (await formatName(found.path)) === undefined ? { no: 'none of its tensors is called as those of an adapter' } : 'yes'
  },

  async inspect({ path, folder, size }, { model }): Promise<InspectedAdapter> {
    const read = await readOnBase(path, model).catch((error: unknown) => {
      // Without its base model an adapter can still be described, though not used.
      if (error instanceof PigmentError && error.code === 'adapter-base-unknown') return undefined
      throw error
    })
    if (!read) return { kind: 'adapter', path, ...(await headerFacts(path)), ...(folder ? {} : { sizeBytes: size }) }
    const { adapter, base } = read
    const { modules, embeddings = [], metadata, skipped } = adapter
    return {
      kind: 'adapter',
      path,
      name: adapter.name,
      format: await formatName(path),
      fits: base.title,
      family: base.modules.family,
      ...(folder ? {} : { sizeBytes: size }),
      layers: modules.length,
      layersByNetwork: countBy(modules.map(({ component }) => component)),
      variants: countBy(modules.map(({ variant }) => variantCalled(variant).title)),
      ...foldedLayers(modules),
      parameters: modules.reduce(
        (sum, { tensors }) => Object.values(tensors).reduce((own, { shape }) => own + elementCount(shape), sum),
        0,
      ),
      ranks: distinct(modules.flatMap((module) => moduleRank(module) ?? [])),
      ...rankBlocksOn(read),
      alphas: distinct(modules.map(({ alpha }) => alpha)),
      triggers: [...new Set([...triggersOf(metadata), ...embeddings.flatMap(({ names }) => names)])],
      ...(embeddings.length > 0 ? { embeddings: embeddings.map((one) => ({ name: one.names[0] ?? '', vectors: vectorCount(one) })) } : {}),
      ...(metadata['pigment.dataset_fingerprint'] ? { datasetFingerprint: metadata['pigment.dataset_fingerprint'] } : {}),
      leftOut: skipped.length,
      leftOutReasons: skippedReasons(skipped),
      leftOutKeys: Object.fromEntries(skipped.slice(0, mostKeys).map(({ key, reason }) => [key, reason])),
      ...(await howRead(path, read)),
      metadata,
    }
  },
} satisfies Subject

/** Of those left out that are told one by one. */
const mostKeys = 50

/** How each kind of term acts, for a person. */
const actsAs: Readonly<Record<Term['kind'], string>> = {
  'low-rank': 'stacked as a low-rank pair',
  gain: 'stacked as a gain',
  shift: 'stacked as a shift of the bias',
  dense: 'folded into the weight',
  'dense-bias': 'folded into the bias',
}

/** What told format and family, how scales were told, and how its layers will act. */
async function howRead(
  path: string,
  { adapter: { reading, modules }, base }: ReadOnBase,
): Promise<Pick<InspectedAdapter, 'formatBecause' | 'familyBecause' | 'scales' | 'acts' | 'types'>> {
  const { files } = await openAdapter(path)
  const [sign] = files.flatMap((file) => familySign(file) ?? [])
  const acts = countBy(
    modules.map((module) =>
      variantCalled(module.variant)
        .kinds(module)
        .map((kind) => actsAs[kind])
        .join(', '),
    ),
  )
  return {
    formatBecause: Object.values(reading?.formats ?? {}).join('; '),
    familyBecause: sign?.because ?? `all that could be read fits ${base.title}`,
    acts,
    ...(reading ? { scales: reading.scales, types: reading.types } : {}),
  }
}

function rankBlocksOn({ adapter, base: { modules } }: ReadOnBase): { rankBlocks?: readonly RankBlock[] } {
  const blocks = rankBlocks(adapter, {
    blockOf: (component, path) => (component === 'unet' ? familyCalled(modules.family).block(path, modules.layout) : 'BASE'),
    has: (component, path) => modules.shapes.has(`${component}.${path}`),
  })
  return blocks.length > 0 ? { rankBlocks: blocks } : {}
}

/** A PEFT adapter of several networks has a folder for each. */
async function namesOfAdapter({ path, names }: Found): Promise<readonly string[]> {
  const networks = names.filter((name) => /^(unet|text_encoder(_2)?)$/.test(name))
  const inside = await Promise.all(networks.map((name) => readdir(join(path, name)).catch((): string[] => [])))
  return [...names, ...inside.flat()]
}

/** What the files alone tell of an adapter whose base model is not known. */
async function headerFacts(path: string): Promise<Omit<InspectedAdapter, 'kind' | 'path'>> {
  const { files } = await openAdapter(path)
  const metadata = Object.fromEntries(files.flatMap((file) => [...file.metadata]))
  // PEFT folders hold a text encoder's layers under the names of two versions of transformers.
  const once = files.flatMap((file) => [
    ...new Map([...file.entries.values()].map((entry) => [withoutWrapper(entry.name), { file, entry }])).values(),
  ])
  const parts = once.map(({ file, entry }) => ({ file, entry, key: keyPart(withoutWrapper(entry.name)) }))
  const inward = parts.flatMap(({ entry, key }) => (key && 'part' in key && inwardRoles.has(key.part) ? [entry] : []))
  const alphas = parts.filter(({ key }) => key && 'part' in key && key.part === 'alpha')
  const [family] = files.flatMap((file) => familyHint(file) ?? [])
  return {
    format: await formatName(path),
    fits: 'no known base model; name the checkpoint that it was trained on with --model',
    family: family ?? metadata['ss_base_model_version'] ?? 'unknown',
    layers: new Set(parts.flatMap(({ key }) => (key && 'part' in key ? [key.stem] : []))).size,
    parameters: parts.reduce((sum, { entry, key }) => sum + (key && 'part' in key ? elementCount(entry.shape) : 0), 0) - alphas.length,
    ranks: distinct(inward.map(({ shape }) => shape[0] ?? 0)),
    alphas: distinct((await Promise.all(alphas.map(({ file, entry }) => readTensor(file, entry.name)))).map(({ data }) => data[0] ?? NaN)),
    triggers: triggersOf(metadata),
    metadata,
  }
}

const withoutWrapper = (name: string): string => unwrapped(name).replace(/^text_model\./, '')

function foldedLayers(modules: readonly AdapterModule[]): { folded?: number } {
  const folded = modules.filter(isFolded).length
  return folded > 0 ? { folded } : {}
}

async function formatName(path: string): Promise<string | undefined> {
  const [file] = (await openAdapter(path)).files
  return file && adapterFormats.find((format) => 'yes' in format.recognise(file))?.title
}

const distinct = (values: readonly number[]): number[] => [...new Set(values)].sort((a, b) => a - b)
