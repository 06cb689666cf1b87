// Weights and biases of the model itself that PEFT trained and saved beside an adapter, under their own names: with bias="all" or "lora_only", and
// modules_to_save. Reference: peft utils/{save_and_load,other}.py.
import { variants } from '../adapters/variants/index.ts'

const suffixes = variants.flatMap(({ ownNames = {} }) => Object.entries(ownNames).map(([part, suffix]) => ({ part, suffix })))

/** What PEFT puts between a module and what it trained of it; until it saves, an adapter's name stands behind. */
const betweens = [/\.base_layer(?=\.bias$)/, /\.modules_to_save(?=\.(weight|bias)$)/, /\.modules_to_save\.[\w-]+(?=\.)/]

/** What the model had before: what PEFT keeps beside what it trained, and what its pairs stand on. */
const before = /\.(original_module\..*|base_layer\.weight)$/

export interface OwnPart {
  /** As the model has it. */
  readonly name: string
  readonly stem: string
  readonly part: string
}

/** A key, without its format's wrapper, as a module's own weight or bias; undefined for any other. */
export function ownPart(key: string): OwnPart | undefined {
  if (before.test(key)) return undefined
  const name = betweens.reduce((left, between) => left.replace(between, ''), key)
  const found = suffixes.find(({ suffix }) => name.endsWith(suffix))
  return found && { name, stem: name.slice(0, -found.suffix.length), part: found.part }
}

/** Roles of what replaces a module's own. */
export const ownRoles: ReadonlySet<string> = new Set(suffixes.map(({ part }) => part))
