// Several adapters on the one base model that all of them are for, and the weights of that base where it is at hand.
import { readAdapter } from '../../engine/adapter-formats/read.ts'
import type { Adapter, Component } from '../../engine/adapters/adapter.ts'
import type { BaseWeight } from '../../engine/adapters/term.ts'
import type { WeightMap } from '../../engine/checkpoint/config.ts'
import { openCheckpoint } from '../../engine/models/open-checkpoint.ts'
import { PigmentError } from '../../engine/requests/error.ts'
import { readWeight } from '../../engine/weights/read-weight.ts'
import { adapterName } from './adapter-files.ts'
import { readOnBase, type BaseModel } from './adapter-bases.ts'

/** Throws `merge-families-differ` where no base has the layers of all, and what reading throws. */
export async function readTogether(
  files: readonly string[],
  model?: string,
): Promise<{ readonly adapters: readonly Adapter[]; readonly base: BaseModel }> {
  const [first = ''] = files
  const one = await readOnBase(first, model)
  const adapters = [one.adapter]
  let { base } = one
  for (const [i, file] of files.entries()) {
    if (i === 0) continue
    const read = await readAdapter(file, base.modules).catch(ifOtherFamily)
    if (read) {
      adapters.push(read)
      continue
    }
    const other = await readOnBase(file, model)
    // The first may fit several, as one of a text encoder that two families share.
    const again = await Promise.all(files.slice(0, i).map((before) => readAdapter(before, other.base.modules))).catch(ifOtherFamily)
    if (!again) throw differing(first, base, file, other.base)
    base = other.base
    adapters.splice(0, adapters.length, ...again, other.adapter)
  }
  return { adapters, base }
}

function ifOtherFamily(error: unknown): undefined {
  if (!(error instanceof PigmentError && error.code === 'adapter-family-mismatch')) throw error
}

const differing = (first: string, base: BaseModel, file: string, other: BaseModel): PigmentError =>
  new PigmentError(
    'merge-families-differ',
    `"${adapterName(first)}" is for ${base.title} and "${adapterName(file)}" for ${other.title}: their layers have other shapes. Choose adapters of one family.`,
    { first: adapterName(first), firstBase: base.title, other: adapterName(file), otherBase: other.title },
  )

/** The weights of a base by the names of its modules. Reading one of a base that is known by its layers alone throws `merge-needs-base`. */
export async function weightsOf({
  path: file,
  title,
  modules,
}: BaseModel): Promise<(component: Component, path: string) => BaseWeight | undefined> {
  const networks = file === undefined ? undefined : await networksOf(file)
  return (component, path) => {
    const source = networks?.[component]?.get(`${path}.weight`)
    if (source) {
      const bias = networks?.[component]?.get(`${path}.bias`)
      const shape = source.transposed ? source.shape.toReversed() : source.shape
      return { shape, read: () => readWeight(source), bias: bias && (() => readWeight(bias)) }
    }
    const shape = modules.shapes.get(`${component}.${path}`) ?? modules.closed.get(`${component}.${path}`)
    return shape && { shape, read: () => Promise.reject(needsBase(title, `${component}.${path}`)) }
  }
}

async function networksOf(file: string): Promise<Partial<Record<Component, WeightMap>>> {
  const { unet, textEncoders } = await openCheckpoint(file)
  const [first, second] = textEncoders
  return { unet: unet.weights, ...(first ? { text_encoder: first.weights } : {}), ...(second ? { text_encoder_2: second.weights } : {}) }
}

const needsBase = (base: string, layer: string): PigmentError =>
  new PigmentError(
    'merge-needs-base',
    `What one of these adapters does to layer "${layer}" depends on the base model's own weight there, and of ${base} only the shapes are known. Name the checkpoint with --model.`,
    { base, layer },
  )
