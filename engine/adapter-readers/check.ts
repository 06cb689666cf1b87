// What every reader makes of an export, held against the adapter that it was made of: which layers it loads, which keys it drops and why, and how far
// what it adds to the weights is from what the adapter adds.
import type { Adapter, AdapterModule } from '../adapters/adapter.ts'
import { lowRankDistance, type LowRank } from '../adapters/low-rank.ts'
import { addTerm, isOfBias, type Term } from '../adapters/term.ts'
import { variantCalled } from '../adapters/variants/variant.ts'
import type { ReaderReport } from '../requests/reader-report.ts'
import { elementCount, relativeL2 } from '../tensor/tensor.ts'
import { adapterReaders } from './index.ts'
import type { AdapterReader, ReadChange, ReaderBase, WrittenFile } from './reader.ts'

const shownKeys = 20

/** `format`: the name of the export's. */
export async function checkReaders(
  files: readonly WrittenFile[],
  adapter: Pick<Adapter, 'modules'>,
  base: ReaderBase,
  format: string,
): Promise<ReaderReport[]> {
  const distances: Distances = new WeakMap()
  const reports: ReaderReport[] = []
  for (const reader of adapterReaders) reports.push(await reportOf(reader, { files, adapter, base, format, distances }))
  return reports
}

/** Readers share the tensors of a file, so that most of what one compares another has compared. */
type Distances = WeakMap<Float32Array, Map<string, number>>

interface Task {
  readonly files: readonly WrittenFile[]
  readonly adapter: Pick<Adapter, 'modules'>
  readonly base: ReaderBase
  readonly format: string
  readonly distances: Distances
}

async function reportOf(reader: AdapterReader, { files, adapter, base, format, distances }: Task): Promise<ReaderReport> {
  const { layers, dropped, refused, notes } = reader.read(files, base)
  const expected = Map.groupBy(adapter.modules, ({ component, path }) => `${component}.${path}`)
  const missing: string[] = []
  let [difference, ofBase] = [0, 0]
  for (const [layer, modules] of refused || reader.looksOnly ? [] : expected) {
    const changes = [...(layers.get(layer) ?? [])]
    for (const module of modules) {
      const found = await distance(module, changes, base.shapes.get(layer) ?? [], distances)
      if (found === 'missing') missing.push(layer)
      else if (found === 'of-base') ofBase++
      else difference = Math.max(difference, found)
    }
  }
  const lost = new Set(refused ? expected.keys() : missing)
  return {
    reader: reader.name,
    title: reader.title,
    meant: reader.formats.includes(format),
    looksOnly: reader.looksOnly ?? false,
    layers: expected.size,
    loaded: expected.size - lost.size,
    dropped: dropped.slice(0, shownKeys),
    droppedCount: dropped.length,
    ...(refused ? { refused } : {}),
    difference,
    ofBase,
    notes,
  }
}

type Found = number | 'missing' | 'of-base'

/** How far the reader's change is from the module's; takes it out of `changes`. */
async function distance(module: AdapterModule, changes: ReadChange[], shape: readonly number[], distances: Distances): Promise<Found> {
  const variant = variantCalled(module.variant)
  const isBias = variant.kinds(module).every((kind) => kind === 'shift' || kind === 'dense-bias')
  const at = changes.findIndex(({ kind }) => (kind === 'bias') === isBias)
  const [change] = at < 0 ? [] : changes.splice(at, 1)
  if (!change) return 'missing'
  const terms = await termsOf(module, shape)
  if (change.kind === 'pair' && change.magnitude) return ofMagnitudes(variant.values(module), change)
  if (!terms || change.kind === 'of-base') return 'of-base'
  if (change.kind === 'bias') return relativeL2(change.by, biasOf(terms, change.by.length))
  const [only, ...others] = terms.filter((term) => !isOfBias(term))
  if (change.kind === 'pair' && only?.kind === 'low-rank' && others.length === 0) return ofPairs(only, pairOf(change), distances)
  return relativeL2(denseOf(change, shape), whole(terms, shape))
}

/** Undefined where they depend on the base's own weight. */
async function termsOf(module: AdapterModule, shape: readonly number[]): Promise<readonly Term[] | undefined> {
  if (variantCalled(module.variant).kinds(module).includes('gain')) return undefined
  const unknown = new Error('The weight of the base is not at hand.')
  try {
    return await variantCalled(module.variant).terms(module, { shape, read: () => Promise.reject(unknown) })
  } catch (error) {
    if (error === unknown) return undefined
    throw error
  }
}

/** Magnitudes and the pair beside them, each as it stands. */
function ofMagnitudes(
  values: ReturnType<ReturnType<typeof variantCalled>['values']>,
  { up, down, scale, magnitude }: ReadChange & { kind: 'pair' },
): number {
  const read = [
    [down.data, 1],
    [up.data, scale],
    [magnitude?.data ?? new Float32Array(), 1],
  ] as const
  if (values.length !== read.length) return Infinity
  return Math.max(
    ...values.map(([own, by], i) => {
      const [other, its] = read[i] ?? [own, by]
      return own.length === other.length ? relativeL2(other.map((value) => value * its), own.map((value) => value * by)) : Infinity // prettier-ignore
    }),
  )
}

const pairOf = ({ up, down, scale }: ReadChange & { kind: 'pair' }): LowRank => ({ up, down, alpha: scale * (down.shape[0] ?? 1) })

function ofPairs(own: LowRank, read: LowRank, distances: Distances): number {
  const key = `${own.alpha} ${read.alpha}`
  const known = distances.get(read.up.data)?.get(key)
  if (known !== undefined) return known
  if (own.up.data.length !== read.up.data.length || own.down.data.length !== read.down.data.length) return Infinity
  const same = own.alpha === read.alpha && equal(own.up.data, read.up.data) && equal(own.down.data, read.down.data)
  const found = same ? 0 : lowRankDistance(own, read)
  distances.set(read.up.data, (distances.get(read.up.data) ?? new Map<string, number>()).set(key, found))
  return found
}

const equal = (a: Float32Array, b: Float32Array): boolean => a.length === b.length && a.every((value, i) => value === b[i])

function denseOf(change: ReadChange, shape: readonly number[]): Float32Array {
  if (change.kind === 'dense') return change.delta
  if (change.kind !== 'pair') return new Float32Array()
  return whole([{ kind: 'low-rank', ...pairOf(change) }], shape)
}

function whole(terms: readonly Term[], shape: readonly number[]): Float32Array {
  const data = new Float32Array(elementCount(shape))
  for (const term of terms) addTerm(data, { shape, data: new Float32Array() }, term, 1)
  return data
}

function biasOf(terms: readonly Term[], length: number): Float32Array {
  for (const term of terms) if (term.kind === 'shift' || term.kind === 'dense-bias') return term.by
  return new Float32Array(length)
}
