// Reading an adapter needs the layers of its base model. Where none is named, the embedded model and the published architectures are tried.
import { basename } from 'node:path'
import { moduleShapes, readAdapter, type ModuleShapes } from '../../engine/adapter-formats/read.ts'
import type { Adapter } from '../../engine/adapters/adapter.ts'
import { openCheckpoint } from '../../engine/models/open-checkpoint.ts'
import { families } from '../../engine/models/families/index.ts'
import { PigmentError } from '../../engine/requests/error.ts'
import { embeddedPath, hasEmbedded } from '../places/embedded.ts'
import { adapterOfRun } from './run-folder.ts'

export interface BaseModel {
  readonly title: string
  readonly modules: ModuleShapes
  /** Its checkpoint, where it is more than a published architecture. */
  readonly path?: string
}
export interface ReadOnBase {
  readonly adapter: Adapter
  readonly base: BaseModel
}

/** The layers of a named checkpoint. */
export async function baseOf(path: string): Promise<BaseModel> {
  return { title: basename(path), modules: moduleShapes(await openCheckpoint(path)), path }
}

let embedded: Promise<{ readonly title: string; readonly family: string; readonly width: number }> | undefined

/** What tells an adapter of the embedded model by its header: the width of its text. Undefined where the model is missing. */
export async function embeddedBase() {
  if (!hasEmbedded()) return undefined
  embedded ??= openCheckpoint(embeddedPath).then(({ family, unet }) => ({
    title: basename(embeddedPath),
    family,
    width: unet.config.crossAttentionDim,
  }))
  embedded.catch(() => (embedded = undefined))
  return embedded
}

/** Reads an adapter, or that of a run which was stopped, on the named model, or on the one of the known models that fits most of it. Throws `adapter-base-unknown`. */
export async function readOnBase(given: string, model?: string): Promise<ReadOnBase> {
  const path = await adapterOfRun(given)
  if (model !== undefined) {
    const base = await baseOf(model)
    return { adapter: await readAdapter(path, base.modules), base }
  }
  const refused: string[] = []
  let best: ReadOnBase | undefined
  for await (const base of knownBases()) {
    try {
      const adapter = await readAdapter(path, base.modules)
      if (!best || adapter.skipped.length < best.adapter.skipped.length) best = { adapter, base }
      if (adapter.skipped.length === 0) break
    } catch (error) {
      if (!(error instanceof PigmentError && error.code === 'adapter-family-mismatch')) throw error
      refused.push(base.title)
    }
  }
  if (best) return best
  throw new PigmentError(
    'adapter-base-unknown',
    `"${path}" fits none of the known base models (${refused.join(', ')}). Name the checkpoint that it was trained on with --model.`,
    { path, tried: refused },
  )
}

async function* knownBases(): AsyncGenerator<BaseModel> {
  if (hasEmbedded()) yield baseOf(embeddedPath)
  for (const { name, title, published } of families) {
    const { unet, textEncoders } = published
    const weights = new Map<string, never>()
    const networks = { unet: { config: unet, weights }, textEncoders: textEncoders.map((config) => ({ config, weights })) }
    yield { title, modules: moduleShapes({ family: name, ...networks }) }
  }
}
