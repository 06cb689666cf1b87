// What a step does to each block: the norm of its gradient, how far it moves beside how large it is, and which layers it does nothing to at all.
import { unetBlock, type UNetLayout } from '../../models/keys/ldm-unet.ts'
import type { WatchEvent } from '../../requests/watch-events.ts'
import type { Placement } from '../../runtime/flat-parameters.ts'
import { elementCount } from '../../tensor/tensor.ts'
import type { UpdateSeen } from '../steps.ts'

type Blocks = Extract<WatchEvent, { readonly type: 'diagnostics' }>['blocks']

/** Looks at which a layer had neither gradient nor change, before it is called dead: at the first, half of a pair has none. */
const patience = 2

/** The layer of a trainable: `<role>/<path>`, or the key of a weight; text encoders' have their network before. */
export function layerOf(name: string): { readonly text: boolean; readonly path: string } {
  const [, network, rest = ''] = /^(?:(text_encoder(?:_2)?)\/)?(.*)$/.exec(name) ?? []
  const path = rest.includes('/') ? rest.slice(rest.lastIndexOf('/') + 1) : rest.replace(/\.[^.]*$/, '')
  return network === undefined ? { text: false, path } : { text: true, path: `${network}.${path}` }
}

interface Sums {
  gradient: number
  moved: number
  size: number
}

export class Updates {
  readonly #placements: readonly (Placement & { readonly block: string; readonly layer: number })[]
  readonly #sums = new Map<string, Sums>()
  readonly #layers: readonly string[]
  /** How often it was looked at, whether dead layers were told of, and then of each layer how often it had a gradient or moved. */
  readonly vector: Float32Array

  constructor(placements: readonly Placement[], layout: UNetLayout, saved?: ArrayLike<number>) {
    const places = placements.map(({ name }) => layerOf(name))
    this.#layers = [...new Set(places.map(({ path }) => path))]
    const indices = new Map(this.#layers.map((path, i) => [path, i]))
    this.#placements = placements.map((placement, i) => {
      const { text = false, path = '' } = places[i] ?? {}
      return { ...placement, layer: indices.get(path) ?? 0, block: text ? 'BASE' : (unetBlock(path, layout) ?? 'other') }
    })
    this.vector = new Float32Array(2 + this.#layers.length)
    if (saved?.length === this.vector.length) this.vector.set(saved)
  }

  /** Before an update of one member; what it gives is called after it. `gradNorm`: of the whole gradient before it was limited. */
  before({ theta, gradient, gradNorm }: Pick<UpdateSeen, 'theta' | 'gradient' | 'gradNorm'>): () => void {
    const was = theta.slice()
    const squares = this.#placements.map((placement) => squareOf(gradient, placement))
    const limited = Math.sqrt(squares.reduce((sum, one) => sum + one, 0))
    const scale = limited > 0 ? gradNorm / limited : 0
    return () => {
      for (const [i, placement] of this.#placements.entries()) {
        const { block, layer } = placement
        const sums = this.#sums.get(block) ?? { gradient: 0, moved: 0, size: 0 }
        const moved = squareOf(theta, placement, was)
        sums.gradient += (squares[i] ?? 0) * scale ** 2
        sums.moved += moved
        sums.size += squareOf(theta, placement)
        this.#sums.set(block, sums)
        const at = 2 + layer
        if ((squares[i] ?? 0) > 0 || moved > 0) this.vector[at] = (this.vector[at] ?? 0) + 1
      }
    }
  }

  /** Of all members since it was asked last; empty where no update was seen. */
  blocks(): Blocks {
    const told = [...this.#sums]
      .map(([block, { gradient, moved, size }]) => ({
        block,
        gradNorm: Math.sqrt(gradient),
        update: size > 0 ? Math.sqrt(moved / size) : 0,
      }))
      .sort((a, b) => order(a.block) - order(b.block) || (a.block < b.block ? -1 : 1))
    this.#sums.clear()
    if (told.length > 0) this.vector[0] = (this.vector[0] ?? 0) + 1
    return told
  }

  /** Layers that never had a gradient and never moved; once, and nothing before it was looked at twice. */
  dead(): { readonly dead: readonly string[]; readonly layers: number } | undefined {
    const [looks = 0, told = 0] = this.vector
    if (looks < patience || told > 0) return undefined
    const dead = this.#layers.filter((_, i) => this.vector[2 + i] === 0)
    if (dead.length === 0) return undefined
    this.vector[1] = 1
    return { dead, layers: this.#layers.length }
  }
}

/** As data flows: text encoders, in, middle, out. */
const sides = ['BASE', 'IN', 'M', 'OUT']
const order = (block: string): number => (sides.findIndex((side) => block.startsWith(side)) + sides.length + 1) % (sides.length + 1)

/** ‖a‖², or ‖a − b‖², of a part of a vector. */
function squareOf(a: Float32Array, { offset, shape }: Placement, b?: Float32Array): number {
  let sum = 0
  for (let i = offset; i < offset + elementCount(shape); i++) sum += ((a[i] ?? 0) - (b?.[i] ?? 0)) ** 2
  return sum
}
