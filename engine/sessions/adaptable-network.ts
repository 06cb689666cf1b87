// One network of a model as sessions that are made when a stack first needs them: one that all stacks share. Weights that a stack folds dense terms into
// are its inputs; where they cannot be, such a stack has a session of its own, kept while only strengths of the other terms change.
import type { AdapterModule } from '../adapters/adapter.ts'
import { activeModules, foldedTerms, stackedTerms, type ActiveTerms, type StackEntry, type StackPlace } from '../adapters/stack.ts'
import type { ChannelInput } from '../adapters/term.ts'
import { isFolded, isGain } from '../adapters/variants/variant.ts'
import type { AdaptedNetwork } from '../adapter-formats/base-networks.ts'
import { stackTerms, type AdaptedSession } from './adapted-session.ts'
import { foldedKeys, foldedWeights } from './folded-weights.ts'
import type { NetworkOptions } from './networks.ts'
import { gainsOf, joined, nothingMore, type Openings } from './open-modules.ts'

/** A session that is there, or in the making. */
interface Slot {
  /** What is folded into its weights; empty where nothing is. */
  readonly key: string
  made: Promise<AdaptedSession> | undefined
}

export interface AdaptableOptions {
  readonly network: AdaptedNetwork
  /** What a stack folds makes the weights inputs, rather than a session with them inside. */
  readonly feedsWeights: boolean
  readonly make: (options: NetworkOptions) => Promise<AdaptedSession>
}

export class AdaptableNetwork implements AsyncDisposable {
  readonly #options: AdaptableOptions
  readonly #shared: Slot = { key: '', made: undefined }
  #folded: Slot | undefined
  #open: Openings = nothingMore

  constructor(options: AdaptableOptions) {
    this.#options = options
  }

  /** The session for a stack. `alone`: for the base model, with whatever the stack needs open. */
  async session(stack: readonly StackEntry[] = [], alone = false): Promise<AdaptedSession> {
    const { network, feedsWeights } = this.#options
    const terms = await stackTerms(network, stack)
    const key = alone || feedsWeights ? '' : denseKey(stack, network)
    if (key !== '') return this.#opened(await this.#foldedSlot(key), terms)
    // Another stack was chosen; the model alone is no sign that it was.
    if (!alone && stack.length > 0) await this.#closeFolded()
    return this.#opened(this.#shared, terms)
  }

  /** Frees what is open; it is made again when needed. */
  async release(): Promise<void> {
    await close(this.#shared)
    await this.#closeFolded()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.release()
  }

  /** The slot's session, made anew where it lacks what these terms need open. */
  async #opened(slot: Slot, terms: ActiveTerms): Promise<AdaptedSession> {
    if (!this.#shared.made && !this.#folded?.made) this.#open = joined(this.#open, this.#foreseen(terms))
    for (;;) {
      const making = (slot.made ??= this.#make(slot, terms))
      const found = await making
      const more = this.#lacking(found, terms)
      if (!more) return found
      if (slot.made !== making) continue
      this.#open = joined(this.#open, more)
      await close(slot)
    }
  }

  #make(slot: Slot, terms: ActiveTerms): Promise<AdaptedSession> {
    const { network, make } = this.#options
    const folded = async () => (slot.key === '' ? {} : { folded: await foldedWeights(network.weights, foldedTerms(terms)) })
    const making = folded().then((options) => make({ ...options, open: this.#open }))
    making.catch(() => {
      if (slot.made === making) slot.made = undefined
    })
    return making
  }

  /** What is sure to be needed, before there is a session to look at: its convolutions with a window, its gains and weights. */
  #foreseen(all: ActiveTerms): Openings {
    const terms = stackedTerms(all)
    const spatial = [...terms.keys()].some((path) =>
      this.#shape(path)
        .slice(2)
        .some((side) => side > 1),
    )
    return { convolutions: spatial, gains: gainsOf(terms), weights: this.#weightsOf(all) }
  }

  #weightsOf(terms: ActiveTerms): Openings['weights'] {
    const { network, feedsWeights } = this.#options
    return new Set(feedsWeights ? foldedKeys(network.weights, foldedTerms(terms)) : [])
  }

  #lacking(found: AdaptedSession, all: ActiveTerms): Openings | undefined {
    const terms = stackedTerms(all)
    const open = new Map(found.adapted.map(({ path, gains }) => [path, gains]))
    const convolutions = !this.#open.convolutions && [...terms.keys()].some((path) => !open.has(path) && this.#shape(path).length > 2)
    const closed = (path: string, side: ChannelInput): boolean => (open.has(path) ? !open.get(path)?.includes(side) : convolutions)
    const gains = new Map([...gainsOf(terms)].filter(([path, sides]) => sides.some((side) => closed(path, side))))
    const weights = [...this.#weightsOf(all)].filter((key) => !found.fed.keys.has(key))
    return convolutions || gains.size > 0 || weights.length > 0 ? { convolutions, gains, weights: new Set(weights) } : undefined
  }

  async #foldedSlot(key: string): Promise<Slot> {
    if (this.#folded?.key !== key) {
      await this.#closeFolded()
      this.#folded = { key, made: undefined }
    }
    return this.#folded
  }

  async #closeFolded(): Promise<void> {
    const slot = this.#folded
    this.#folded = undefined
    if (slot) await close(slot)
  }

  #shape(path: string): readonly number[] {
    return this.#options.network.weights.get(`${path}.weight`)?.shape ?? []
  }
}

async function close(slot: Slot): Promise<void> {
  const held = slot.made
  slot.made = undefined
  if (held) await (await held).session[Symbol.asyncDispose]()
}

/** Says which modules are folded, and how strongly; the same for stacks that fold the same. */
function denseKey(stack: readonly StackEntry[], place: StackPlace): string {
  const parts = [...activeModules(stack, place).values()].flatMap((active) => {
    // What acts in a region is folded into nothing.
    const everywhere = active.filter(({ group }) => group === 0)
    const folds = everywhere.some(({ module }) => isFolded(module))
    return everywhere.filter(({ module }) => isFolded(module) || (folds && isGain(module)))
  })
  return parts.map(({ module, weight }) => `${numberOf(module)}×${weight}`).join(' ')
}

const numbers = new WeakMap<AdapterModule, number>()
let counted = 0
function numberOf(module: AdapterModule): number {
  const known = numbers.get(module) ?? ++counted
  numbers.set(module, known)
  return known
}
