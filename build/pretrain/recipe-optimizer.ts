// Muon for matrices inside a network, AdamW for all else.
import { init, update } from '../../engine/training/optimizers/adamw.ts'
import { Muon } from '../../engine/training/optimizers/muon.ts'
import type { Layout, OptimizerState } from '../../engine/training/optimizers/optimizer.ts'
import { elementCount } from '../../engine/tensor/tensor.ts'

export const adamwSettings = { beta1: 0.9, beta2: 0.99, eps: 1e-8 } as const
export const muonMomentum = 0.95

export interface RecipeOptimizerOptions {
  /** Which weights of two axes and more Muon updates. */
  readonly matrices?: ((name: string) => boolean) | undefined
  readonly weightDecay: number
  readonly threads: number
}

/** Names of the weights that Muon updates. */
export const matricesOf = (
  trained: readonly { readonly name: string; readonly shape: readonly unknown[] }[],
  asked: (name: string) => boolean = () => false,
): string[] => trained.flatMap(({ name, shape }) => (shape.length > 1 && asked(name) ? [name] : []))

/** Both keep their momentum in `m`; `v` is AdamW's. */
export async function recipeOptimizer(
  theta: Float32Array,
  { placements }: Layout,
  { matrices, weightDecay, threads }: RecipeOptimizerOptions,
): Promise<OptimizerState> {
  const chosen = new Set(matricesOf(placements, matrices))
  const muon = await Muon.create(
    placements.filter(({ name }) => chosen.has(name)),
    threads,
  )
  const rest = placements.filter(({ name }) => !chosen.has(name))
  const vectors = init(theta.length)
  return {
    vectors,
    async update(weights, gradient, at) {
      for (const { offset, shape } of rest)
        update(weights, gradient, vectors, { ...adamwSettings, ...at, weightDecay }, [offset, offset + elementCount(shape)])
      await muon.update(weights, gradient, vectors.m, { lr: at.lr, momentum: muonMomentum, weightDecay })
    },
    [Symbol.asyncDispose]: () => muon[Symbol.asyncDispose](),
  }
}
