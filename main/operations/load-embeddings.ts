// Reads the textual inversions that prompts may call.
import { createHash } from 'node:crypto'
import { promptsAsked } from '../../engine/conditions/chosen.ts'
import { fittingEmbeddings } from '../../engine/embeddings/fit.ts'
import { readEmbeddings } from '../../engine/embeddings/read.ts'
import { openRegular } from '../../engine/files/regular-file.ts'
import type { GenerateRequest } from '../../engine/requests/generate.ts'
import type { Model } from '../../engine/sessions/open-model.ts'
import { parseAttention } from '../../engine/text/attention-weights.ts'
import { vectorCount, type Embedding } from '../../engine/text/embedding.ts'
import { calledEmbeddings } from '../../engine/text/embedding-calls.ts'
import type { EmbeddingFile } from './picture-task.ts'

export interface LoadedEmbedding {
  readonly embedding: Embedding
  /** By which galleries find the file again. */
  readonly hash: string
}

/** Throws what `readEmbeddings` throws. */
export async function loadEmbeddings({ file, name, alsoCalled = [] }: EmbeddingFile): Promise<LoadedEmbedding[]> {
  const [read, hash] = [await readEmbeddings(file, name), await fileHash(file)]
  // Words of one's own call the only embedding of a file.
  const more = read.length === 1 ? alsoCalled : []
  return read.map((embedding) => ({ embedding: { ...embedding, names: [...new Set([...embedding.names, ...more])] }, hash }))
}

/** A1111's short hash: SHA-256 of the whole file, 12 digits (modules/textual_inversion/textual_inversion.py, set_hash). */
async function fileHash(file: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of (await openRegular(file)).createReadStream()) hash.update(chunk as Buffer)
  return hash.digest('hex').slice(0, 12)
}

/** What a picture's prompts called, by the name of each. */
export function embeddingsOfPicture(
  { tokenizer, checkpoint }: Pick<Model, 'tokenizer' | 'checkpoint'>,
  request: Pick<GenerateRequest, 'prompt' | 'negative' | 'emphasis' | 'conditions'>,
  loaded: readonly LoadedEmbedding[],
): { readonly name: string; readonly vectors: number; readonly hash: string }[] {
  const { fitting } = fittingEmbeddings(
    loaded.map(({ embedding }) => embedding),
    checkpoint,
  )
  const { emphasis } = request
  const texts = promptsAsked(request)
    .flatMap((text) => parseAttention(text, emphasis))
    .filter((part) => part !== 'break')
  return calledEmbeddings(tokenizer, texts, emphasis, fitting).flatMap((embedding) => {
    const hash = loaded.find((one) => one.embedding === embedding)?.hash
    return hash === undefined ? [] : [{ name: embedding.names[0] ?? '', vectors: vectorCount(embedding), hash }]
  })
}
