// Textual inversions from files: of A1111 and ComfyUI, of OneTrainer, of diffusers, and those that come with an adapter.
import { basename } from 'node:path'
import { ownTriggers } from '../adapters/triggers.ts'
import { openSafetensors, type SafetensorsFile } from '../files/safetensors.ts'
import { PigmentError } from '../requests/error.ts'
import type { Embedding } from '../text/embedding.ts'
import { bundledPart, partCalled } from './layouts.ts'
import { broken, readVectors, shown } from './read-vectors.ts'

interface LeftOut {
  readonly key: string
  readonly reason: string
}

/** Whether the file holds textual inversions, by its names alone. diffusers has one tensor a token, called as the token. */
export function holdsEmbeddings({ entries }: Pick<SafetensorsFile, 'entries'>): boolean {
  const names = [...entries.keys()]
  if (names.length === 0) return false
  if (names.every((name) => partCalled(name) !== undefined)) return true
  const rows = (name: string): boolean => [1, 2].includes(entries.get(name)?.shape.length ?? 0)
  return names.every(rows) && (names.every(isToken) || (names.length === 1 && !ofLayer.test(names[0] ?? '')))
}

/** Names that tensors of any layer have. */
const ofLayer = /\.|^(weight|bias|alpha|scale)$/

const isToken = (name: string): boolean => /^<.+>$/s.test(name)

/** `my style.safetensors` is called "my style". */
export const embeddingName = (path: string): string => basename(path).replace(/\.safetensors$/i, '')

/**
 * The embeddings in a file, called as the file is, or as `name` says, and by the token that the file gives. Several tokens in a file are called by
 * these alone. Throws `embedding-unknown-format`, `embedding-broken`, or what openSafetensors throws.
 */
export async function readEmbeddings(path: string, name = embeddingName(path)): Promise<Embedding[]> {
  const file = await openSafetensors(path)
  if (!holdsEmbeddings(file))
    throw new PigmentError(
      'embedding-unknown-format',
      `"${path}" is not a textual inversion: expected one tensor "emb_params", "clip_l" and "clip_g", or one that is called as its token. Choose another file.`,
      { path },
    )
  const parts = new Map<string, string>()
  const tokens: string[] = []
  for (const key of file.entries.keys()) {
    const part = partCalled(key)
    if (part === undefined) tokens.push(key)
    else if ('encoder' in part) parts.set(part.encoder, key)
  }
  if (parts.size > 0)
    return [
      {
        names: [...new Set([name, ...ownTriggers(Object.fromEntries(file.metadata))])],
        vectors: await readVectors(file, parts),
        file: path,
      },
    ]
  if (tokens.length === 0) throw broken(path, 'it has only vectors that stand behind the text encoder, which are not supported.')
  const own = tokens.length === 1 ? [name] : []
  return Promise.all(
    tokens.map(async (token) => ({
      names: [...new Set([...own, token.trim()])].filter(Boolean),
      vectors: await readVectors(file, new Map([['', token]])),
      file: path,
    })),
  )
}

/** The embeddings in an adapter's file, and the tensors of them that are not used; a broken one is left out with its reason. */
export async function readBundled(
  file: SafetensorsFile,
  keys: readonly string[],
): Promise<{ readonly embeddings: readonly Embedding[]; readonly leftOut: readonly LeftOut[] }> {
  const found = new Map<string, Map<string, string>>()
  const leftOut: LeftOut[] = []
  for (const key of keys) {
    const place = bundledPart(key)
    const part = place && partCalled(place.part)
    if (place && part && 'encoder' in part) found.set(place.name, new Map(found.get(place.name)).set(part.encoder, key))
    else
      leftOut.push({
        key,
        reason: part && 'reason' in part ? part.reason : `This is no vector of an embedding that is known: ${shown(key)}.`,
      })
  }
  const embeddings: Embedding[] = []
  for (const [name, parts] of found)
    try {
      embeddings.push({ names: [name], vectors: await readVectors(file, parts), file: file.path, bundled: true })
    } catch (error) {
      // The adapter is whole without it.
      if (!(error instanceof PigmentError && error.code === 'embedding-broken')) throw error
      for (const key of parts.values()) leftOut.push({ key, reason: error.message })
    }
  return { embeddings, leftOut }
}
