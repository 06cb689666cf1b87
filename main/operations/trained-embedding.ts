// What a run leaves that learnt vectors of a trigger word: with an adapter they are in its file, and in one of their own beside it for programs that keep
// them apart; alone they are the file.
import { dirname, join, basename } from 'node:path'
import type { Adapter } from '../../engine/adapters/adapter.ts'
import { writeAdapter, type ModuleShapes } from '../../engine/adapter-formats/read.ts'
import { writeEmbedding } from '../../engine/adapter-formats/write-embedding.ts'
import { usualFormat } from '../../engine/requests/export.ts'
import { prepareFolder } from './output-file.ts'

/** Where the vectors of a finished run lie beside its adapter: a file that is called as its word, as A1111 calls them by it. */
export function embeddingBeside(
  { modules, embeddings = [] }: Pick<Adapter, 'modules' | 'embeddings'>,
  out: string,
): { readonly embedding?: string } {
  const [word] = embeddings[0]?.names ?? []
  if (word === undefined || modules.length === 0) return {}
  return { embedding: join(dirname(out), `${basename(out).replace(/\.safetensors$/i, '')}-embedding`, `${fileName(word)}.safetensors`) }
}

/** A word as every file system takes it. */
const fileName = (word: string): string =>
  word
    .slice(0, 60)
    .replace(/[\\/:*?"<>|\p{Cc}]/gu, '_')
    .replace(/^\.+|[. ]+$/g, '_')

interface Writing {
  readonly modules: ModuleShapes
  readonly precision: 'fp32' | 'fp16' | 'bf16'
  /** The result of a run, the weights of a step that are kept beside it, or what it had learnt when it was stopped: an adapter, whatever is in it. */
  readonly as: 'result' | 'kept' | 'stopped'
}

/** What the run says of itself, without an adapter's shape. Reference: sd-scripts, library/sai_model_spec.py. */
const ofEmbedding = (metadata: Adapter['metadata']): Record<string, string> =>
  Object.fromEntries(
    Object.entries(metadata).flatMap(([key, value]) => {
      if (key.startsWith('ss_network_')) return []
      return [[key, key === 'modelspec.architecture' ? value.replace(/\/[^/]*$/, '/textual-inversion') : value]]
    }),
  )

export async function writeTrained(adapter: Adapter, file: string, { modules, precision, as }: Writing): Promise<void> {
  const [learnt] = adapter.embeddings ?? []
  const metadata = ofEmbedding(adapter.metadata)
  if (as !== 'stopped' && learnt && adapter.modules.length === 0) return writeEmbedding(learnt, file, { precision, metadata })
  await writeAdapter(adapter, usualFormat, file, { modules, precision })
  const { embedding } = as === 'result' ? embeddingBeside(adapter, file) : {}
  if (!learnt || embedding === undefined) return
  await prepareFolder(dirname(embedding))
  await writeEmbedding(learnt, embedding, { precision, metadata })
}
