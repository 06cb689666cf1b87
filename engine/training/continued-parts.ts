// The weights of an adapter that is trained further, shared out among the members of the run.
import type { Adapter, AdapterModule, Component } from '../adapters/adapter.ts'
import { trainableVariants } from '../adapters/variants/index.ts'
import { variantCalled } from '../adapters/variants/variant.ts'
import { PigmentError } from '../requests/error.ts'
import type { TrainRequest } from '../requests/train.ts'
import { elementCount } from '../tensor/tensor.ts'
import type { AdaptedLayers } from './adapted-layers.ts'

/** Where a member begins, by the names of the trainables. Throws `continue-mismatch`: variant, rank and layers must be those of the run. */
export function continuedParts(
  initial: Adapter,
  { variant, modules: trained }: AdaptedLayers,
  { members }: Pick<TrainRequest, 'members'>,
): (member: number, name: string) => Float32Array | undefined {
  const modules = new Map(initial.modules.map((module) => [keyOf(module.component, module.path), module]))
  refuseOthers(initial, modules, trained)
  const starts = Array.from({ length: members }, () => new Map<string, Float32Array>())
  for (const {
    network,
    path,
    trainables,
    shape: { rank: own, whole: alpha },
  } of trained) {
    const rank = own * members
    const module = modules.get(keyOf(network.component, path))
    if (module && module.variant !== variant.name) throw otherVariant(initial, module, variant.title)
    for (const [member, start] of starts.entries()) {
      const parts = module && variant.training.split(module, { member, members, alpha })
      for (const { role, name, shape } of trainables) {
        const from = parts?.[role]
        if (!module || from?.data.length !== elementCount(shape)) {
          const found = module && variant.rank(module)
          const why = unlike({ path, role, shape }, module, found, parts?.[role]?.shape)
          throw new PigmentError('continue-mismatch', `"${initial.name}" cannot be trained on with rank ${rank}: ${why}, or begin anew.`, {
            rank,
            path,
            found: found ?? null,
          })
        }
        start.set(name, from.data)
      }
    }
  }
  return (member, name) => starts[member]?.get(name)
}

const keyOf = (component: Component, path: string): string => `${component}.${path}`

/** How a module that is there differs from the run's, or that it is not there, and what to choose. */
function unlike(
  { path, role, shape }: { readonly path: string; readonly role: string; readonly shape: readonly number[] },
  module: AdapterModule | undefined,
  rank: number | undefined,
  own: readonly number[] | undefined,
): string {
  if (!module) return `it lacks "${path}". Choose its layers`
  if (rank !== undefined) return `its rank is ${rank}. Choose its rank`
  const has = own ? `has "${role}" of [${own.join(', ')}]` : `has no "${role}"`
  return `"${path}" ${has}, and this run trains [${shape.join(', ')}]. Choose the options that it was trained with`
}

function refuseOthers(initial: Adapter, modules: ReadonlyMap<string, AdapterModule>, trained: AdaptedLayers['modules']): void {
  const here = new Set(trained.map(({ network, path }) => keyOf(network.component, path)))
  const left = [...modules].flatMap(([key, { path }]) => (here.has(key) ? [] : path))
  if (left.length === 0) return
  throw new PigmentError(
    'continue-mismatch',
    `"${initial.name}" also adapts ${left.length} layers that are not trained here (the first is "${left[0]}"), and the result would lack them. Train all layers that it has.`,
    { path: left[0], left: left.length },
  )
}

function otherVariant({ name }: Adapter, { path, variant }: AdapterModule, expected: string): PigmentError {
  const found = variantCalled(variant).title
  const trained = trainableVariants.some(({ name }) => name === variant)
  return new PigmentError(
    'continue-mismatch',
    `"${name}" cannot be trained on as ${expected}: "${path}" is ${found}. ${trained ? 'Train it as that, or begin' : 'That is not trained here: begin'} anew.`,
    { path, expected, found },
  )
}
