// What an adapter variant is: how its tensors are called and shaped, what they do to a weight, and how they are trained. One file of this folder
// each; whoever reads, writes, stacks, folds, trains, compares or describes adapters asks here, and knows no variant by name.
import type { z } from 'zod'
import type { AdapterModule, Component } from '../adapter.ts'
import { isFoldedKind, type BaseWeight, type Term } from '../term.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import type { Source } from '../source.ts'
import type { VariantTraining } from './training.ts'
import { variants } from './index.ts'

type Shape = readonly number[]

/** The layer that a module stands on. */
export interface Target {
  readonly component: Component
  readonly path: string
  /** (O, I), or (O, I, k, k) for a convolution, as the checkpoint has it. */
  readonly weight: Shape
}

/** Whose manner of spelling: sd-scripts' and LyCORIS', with an alpha beside the tensors; PEFT's, with alpha in a config; any other, which is only read. */
export type Dialect = 'kohya' | 'peft' | 'other'

/** Suffixes of a role behind the module's name, by dialect: the first is written, all are read. `*` stands for one word. */
export type Spelling = Readonly<Partial<Record<Dialect, readonly string[]>>>

/** Tensors of one module as a file has them, by role. */
export type StoredParts = Readonly<Record<string, { readonly name: string; readonly shape: Shape }>>

export type Tensors = Readonly<Record<string, Tensor>>

/** Whether a module's tensors fit each other and the weight. */
export type Fit =
  /** The shapes in which they are kept. A file's may differ by ones at the end; those of the roles in `accepted` are fit as they are. */
  | {
      readonly shapes: Readonly<Record<string, Shape>>
      readonly accepted?: readonly string[]
      /** Roles that are kept as another one on this weight. */
      readonly kept?: Readonly<Record<string, string>>
    }
  /** They are sound, and change nothing. */
  | { readonly nothing: string }
  /** They are sound, and another layer's: follows the module's name. */
  | { readonly unfit: string }
  | { readonly broken: string; readonly facts?: Readonly<Record<string, unknown>> }

export interface AdapterVariant {
  readonly name: string
  /** For a person. */
  readonly title: string
  /** By role, in the order in which its tensors are hashed and listed. A dialect that is left out refuses to write. */
  readonly spelling: Readonly<Record<string, Spelling>>
  /** The sets of roles that make a module, where it need not have all. */
  readonly forms?: readonly (readonly string[])[]
  /** Ends the sentence on a module of which a part is missing: "only … is there; ". */
  readonly needs: string
  /** What a module takes, before the list of shapes: "a pair of". */
  readonly takes: string
  /** Whether alpha belongs to it. */
  readonly scaled: boolean
  /** The role of shape (R, I, …), by which rank and the layer's inputs are known before anything is read. */
  readonly inward?: string
  /** Whether it also stands on norms and embeddings, which no session leaves open. */
  readonly onClosed?: true
  /** It may stand beside any other on one layer, and is a module of its own there. */
  readonly apart?: true
  /** Roles whose names other tensors have too, each with the role that must stand beside it. */
  readonly beside?: Readonly<Record<string, string>>
  /** Roles that replace what a module has, by what the model itself calls that: read only where a format wraps modules, since a model's own file has no other names. */
  readonly ownNames?: Readonly<Record<string, string>>
  /** Roles that are settings, which may be stored in whole numbers. */
  readonly settings?: readonly string[]
  /** Keys of tensors that a file holds once, for all its modules of this variant. */
  readonly shared?: readonly string[]
  /** How PEFT has it, where it has such adapters. */
  readonly peft?: PeftKind

  fit(weight: Shape, parts: StoredParts): Fit
  /** Why tensors that fit by their shapes are unsound by their values, or undefined. */
  unsound?(module: AdapterModule, weight: Shape): string | undefined
  /** A module that was read as another variant's, as the module of this one that a config makes of it; undefined where it makes none. */
  madeOf?(module: AdapterModule, config: Readonly<Record<string, unknown>>): AdapterModule | undefined
  /** The module with what its own tensors do not tell, or why that cannot be known. */
  completed?(module: AdapterModule, weight: Shape, source: Source): Promise<AdapterModule | Unsaid>
  /** Its tensors as a dialect shapes them, or why they cannot be said in it. Default: as they are. */
  stored?(module: AdapterModule, dialect: Dialect): Tensors | Unsaid
  /** The module of another variant that it equals, as which it is written. */
  plain?(module: AdapterModule): AdapterModule
  /** Undefined where it has none. */
  rank(module: AdapterModule): number | undefined
  /** Its alpha where a file tells none; by default its rank. */
  readonly alphaUntold?: number
  /** What an alpha that is told beside its tensors means for this one; by default what it says. */
  alphaOf?(module: AdapterModule, told: number): number
  /** The kinds of its terms, without the base's weights. */
  kinds(module: AdapterModule): readonly Term['kind'][]
  terms(module: AdapterModule, base: BaseWeight): readonly Term[] | Promise<readonly Term[]>
  /** Its numbers, each with what it is scaled by: those of two modules that are equal do the same. */
  values(module: AdapterModule): readonly (readonly [values: Float32Array, scale: number])[]
  /** How far another module of this variant is from it, relative to it; of ΔW where that is known without the base's weights. */
  distance(module: AdapterModule, other: AdapterModule): number
}

/** One that can be trained: training requests, their forms and their help offer just these. */
export interface TrainableVariant<O extends z.ZodObject = z.ZodObject> extends AdapterVariant {
  /** What it does and when to choose it, in plain words: in help, and below its field. */
  readonly sentence?: string
  /** Those that a training request has a field for are taken from it. */
  readonly options: O
  readonly training: VariantTraining<z.output<O>>
}

/** Why something cannot be said; ends in a full stop. */
export interface Unsaid {
  readonly no: string
}

export interface PeftKind {
  /** `peft_type` of the configs that are read. */
  readonly type: string
  /** What its config is written as, where another type says the same. */
  readonly writtenAs?: string
  /** The field of alpha. */
  readonly alpha: string
  /** The field of the rank; `r` unless told. */
  readonly rank?: string
  /** What its tensors are multiplied by, where that is not alpha / the rank that they have. */
  readonly scale?: (config: { readonly alpha: number; readonly rank: number }) => number
  /** The rank from which PEFT builds a module of these shapes, where it is not the module's own. */
  readonly builtFrom?: (module: AdapterModule) => number
  /** What else its config says, so that PEFT builds just these modules. */
  fields(modules: readonly AdapterModule[]): Readonly<Record<string, unknown>> | Unsaid
}

/** Names of the tensors of a variant, or of those that a module has, in their order. */
export const rolesOf = ({ spelling }: Pick<AdapterVariant, 'spelling'>, tensors: Tensors | undefined = undefined): string[] =>
  Object.keys(spelling).filter((role) => tensors === undefined || role in tensors)

/** The variant of a module, or of a request. Modules are made by readers and by training alone, which know the same list. */
export function variantCalled(name: string): AdapterVariant {
  return variants.find((one) => one.name === name) as AdapterVariant
}

/** Whether a module cannot act as an input of the graph, and is folded into its weight. */
export const isFolded = (module: AdapterModule): boolean => variantCalled(module.variant).kinds(module).some(isFoldedKind)

/** Whether it scales the weight that it stands on. */
export const isGain = (module: AdapterModule): boolean => variantCalled(module.variant).kinds(module).includes('gain')

/** The rank of a module, or undefined. */
export const moduleRank = (module: AdapterModule): number | undefined => variantCalled(module.variant).rank(module)
