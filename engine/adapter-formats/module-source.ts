// What a file tells of its modules beside their own tensors.
import type { AdapterModule } from '../adapters/adapter.ts'
import type { Source } from '../adapters/source.ts'
import { rolesOf, type AdapterVariant } from '../adapters/variants/variant.ts'
import type { SafetensorsFile } from '../files/safetensors.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { splitModuleKey, type ModuleShapes } from './base-modules.ts'
import type { Reading } from './format.ts'
import type { Group } from './group-keys.ts'
import { finite, partsOf } from './read-module.ts'

export type SourceOf = (module: Pick<AdapterModule, 'component'>, variant: AdapterVariant) => Source

/** One source for each network and variant, of the groups by the modules that they mean. */
export function sourcesOf(
  file: SafetensorsFile,
  { shapes }: ModuleShapes,
  groups: ReadonlyMap<string, Group>,
  { config }: Pick<Reading, 'config'>,
): SourceOf {
  const tensors = new Map<string, Promise<Tensor>>()
  const shared = (key: string): Promise<Tensor | undefined> => {
    if (!file.entries.has(key)) return Promise.resolve(undefined)
    const known = tensors.get(key) ?? finite(file, key, key, file.entries.get(key)?.shape ?? [])
    tensors.set(key, known)
    return known
  }
  const made = new Map<string, Source>()
  return ({ component }, variant) => {
    const name = `${component}.${variant.name}`
    const known = made.get(name)
    if (known) return known
    const roles = new Set(rolesOf(variant))
    const own = [...groups].filter(
      ([key, group]) => splitModuleKey(key).component === component && partsOf(group).some((part) => roles.has(part)),
    )
    const source = { config: config?.(component), shared, weights: own.map(([key]) => shapes.get(key) ?? []) }
    made.set(name, source)
    return source
  }
}
