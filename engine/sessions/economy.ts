// What is done with less memory, step by step further: the ladder that a drawing goes down where its device has not enough.
import type { Model } from './open-model.ts'
import { tileCells } from './tiles.ts'

/** What a model does with less memory. */
export interface Economy {
  /** One network in memory at a time; the next picture opens them again. */
  readonly alone?: boolean
  /** Both prompts of a step in runs of their own. */
  readonly byRow?: boolean
  /** The autoencoder works on parts that overlap. */
  readonly tiles?: boolean
  /** Networks in fp16, where the device has it. */
  readonly half?: boolean
}

interface Rung {
  readonly takes: keyof Economy
  /** In which networks it spares something, by the names of their graphs. */
  readonly helps: RegExp
  /** Whether there is anything to it, for this model and these latents. */
  readonly fits?: (model: Model, cells: number) => boolean
}

/** In order of what they cost: time alone, then last bits, then what a person might see. */
const rungs: readonly Rung[] = [
  { takes: 'alone', helps: /./ },
  { takes: 'byRow', helps: /^unet/ },
  { takes: 'tiles', helps: /^vae/, fits: (_, cells) => cells > tileCells },
  { takes: 'half', helps: /./, fits: ({ proven, sessionOptions: { precision } }) => precision === undefined && proven.includes('fp16') },
]

/** The next rung after a want of memory in a network; undefined where there is none. `cells`: the longer side of the latents. */
export function nextEconomy(economy: Economy, model: Model, graph: string, cells: number): Economy | undefined {
  const rung = rungs.find(({ takes, helps, fits }) => !economy[takes] && helps.test(graph) && (fits?.(model, cells) ?? true))
  return rung && { ...economy, [rung.takes]: true }
}

/** Rungs by which a picture comes out as it would have, to the last bit. */
export const keepsBits = ({ byRow, tiles, half }: Economy): boolean => !byRow && !tiles && !half
