// A stack of adapters: which entries act on what, and with what strength.
import type { Mask } from '../images/mask.ts'
import type { Strength } from '../requests/strength.ts'
import type { Adapter, AdapterModule, Component } from './adapter.ts'
import { confinedTerms } from './confined-terms.ts'
import { isFoldedKind, type BaseWeight, type Term } from './term.ts'
import { variantCalled } from './variants/variant.ts'

export interface StackEntry extends Strength {
  readonly adapter: Adapter
  readonly enabled: boolean
  /** Words that call the adapter, where somebody knows better than its metadata. */
  readonly triggers?: readonly string[]
  /** Its region as drawn: it acts where that is white. Entries of one mask are of one group. */
  readonly mask?: Mask
}

/** One network of a model, and the block that each of its layers belongs to, if to any. */
export interface StackPlace {
  readonly component: Component
  readonly blockOf: (path: string) => string | undefined
}

/** The masks of the entries that act, each once. Group g is that of mask g − 1; group 0 acts everywhere. */
export const masksOf = (stack: readonly StackEntry[]): Mask[] => [...new Set(stack.filter(acts).flatMap(({ mask }) => mask ?? []))]

/** Strength of an entry in one network, whatever its blocks; 0 where it is off. */
function weightIn({ weight, textWeight = weight, enabled }: Omit<StackEntry, 'adapter'>, component: Component): number {
  return !enabled ? 0 : component === 'unet' ? weight : textWeight
}

/** Whether an entry changes anything. */
export const acts = (entry: Omit<StackEntry, 'adapter'>): boolean => weightIn(entry, 'unet') !== 0 || weightIn(entry, 'text_encoder') !== 0

interface ActiveModule {
  readonly module: AdapterModule
  readonly weight: number
  readonly group: number
  /** The place of its entry in the stack. */
  readonly entry: number
}

/** The modules of the active entries, by path, each with its entry's weight in its block, its group and its entry's place in the stack. */
export function activeModules(stack: readonly StackEntry[], { component, blockOf }: StackPlace): Map<string, ActiveModule[]> {
  const found = new Map<string, ActiveModule[]>()
  const masks = masksOf(stack)
  for (const [number, entry] of stack.entries()) {
    const inNetwork = weightIn(entry, component)
    if (inNetwork === 0) continue
    const group = entry.mask ? 1 + masks.indexOf(entry.mask) : 0
    for (const module of entry.adapter.modules) {
      if (module.component !== component) continue
      const block = blockOf(module.path)
      const weight = inNetwork * ((block === undefined ? undefined : entry.blocks?.[block]) ?? 1)
      if (weight === 0) continue
      const known = found.get(module.path)
      const part = { module, weight, group, entry: number }
      if (known) known.push(part)
      else found.set(module.path, [part])
    }
  }
  return found
}

/** Terms with their strengths, by path: W₀ + Σ of them is the weight under the stack. */
export type ActiveTerms = ReadonlyMap<string, readonly ActiveTerm[]>
export interface ActiveTerm {
  readonly term: Term
  readonly weight: number
  /** Where it acts; by default everywhere. */
  readonly group?: number
  /** The place of its entry in the stack. */
  readonly entry?: number
}

/** What the active entries add to each weight that the base has. */
export async function activeTerms(
  stack: readonly StackEntry[],
  place: StackPlace,
  base: (path: string) => BaseWeight | undefined,
): Promise<ActiveTerms> {
  const terms = new Map<string, ActiveTerm[]>()
  for (const [path, parts] of activeModules(stack, place)) {
    const weight = base(path)
    if (!weight) continue
    const own = await Promise.all(
      parts.map(async ({ module, group, ...part }) => {
        const all = await termsOf(module, weight)
        const own = group === 0 ? all : await confinedTerms(all, module, weight)
        return own.map((term) => ({ term, weight: part.weight, group, entry: part.entry }))
      }),
    )
    terms.set(path, own.flat())
  }
  return terms
}

/** Made once for a module and a weight: some read the whole weight. */
const made = new WeakMap<AdapterModule, WeakMap<BaseWeight, Promise<readonly Term[]>>>()

function termsOf(module: AdapterModule, base: BaseWeight): Promise<readonly Term[]> {
  const known = made.get(module) ?? new WeakMap<BaseWeight, Promise<readonly Term[]>>()
  made.set(module, known)
  const terms = known.get(base) ?? Promise.resolve(variantCalled(module.variant).terms(module, base))
  known.set(base, terms)
  terms.catch(() => known.delete(base))
  return terms
}

const isDense = ({ term }: ActiveTerm): boolean => isFoldedKind(term.kind)

/** What a stack has to have in the weights themselves: dense terms, and gains of the same weight, which as an input would scale these too. */
export const foldedTerms = (terms: ActiveTerms): ActiveTerms =>
  sorted(terms, (active) => active.filter((one) => isDense(one) || (one.term.kind === 'gain' && active.some(isDense))))

/** The others: they are inputs of the graph. */
export const stackedTerms = (terms: ActiveTerms): ActiveTerms =>
  sorted(terms, (active) => active.filter((one) => !isDense(one) && (one.term.kind !== 'gain' || !active.some(isDense))))

function sorted(terms: ActiveTerms, which: (active: readonly ActiveTerm[]) => readonly ActiveTerm[]): ActiveTerms {
  return new Map([...terms].map(([path, active]) => [path, which(active)] as const).filter(([, active]) => active.length > 0))
}
