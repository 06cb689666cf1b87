import { checkFit, embeddingFamily } from '../../../engine/embeddings/fit.ts'
import { embeddingName, holdsEmbeddings, readEmbeddings } from '../../../engine/embeddings/read.ts'
import { openSafetensors } from '../../../engine/files/safetensors.ts'
import { openCheckpoint } from '../../../engine/models/open-checkpoint.ts'
import { vectorCount } from '../../../engine/text/embedding.ts'
import { looksLikeSafetensors, type Subject } from './subject.ts'

export const embeddingSubject = {
  name: 'embedding',

  async recognise(found) {
    if (!looksLikeSafetensors(found)) return { no: 'it is not a safetensors file' }
    return holdsEmbeddings(await openSafetensors(found.path)) ? 'yes' : { no: 'none of its tensors is called as vectors of one' }
  },

  /** With a model named, throws `embedding-family-mismatch` where it was made for another. */
  async inspect({ path, size }, { model }) {
    const embeddings = await readEmbeddings(path)
    const base = model === undefined ? undefined : await openCheckpoint(model)
    if (base) for (const one of embeddings) checkFit(one, base)
    const [first] = embeddings
    const family = first && embeddingFamily(first)
    return {
      kind: 'embedding' as const,
      path,
      name: embeddingName(path),
      family: base?.family ?? family?.name ?? 'unknown',
      fits: base?.name ?? family?.title ?? 'no known family; name the checkpoint that it was trained on with --model',
      sizeBytes: size,
      /** What calls it in a prompt. */
      triggers: embeddings.flatMap(({ names }) => names),
      vectors: embeddings.reduce((sum, one) => sum + vectorCount(one), 0),
      encoders: Object.fromEntries(
        Object.entries(first?.vectors ?? {}).map(([encoder, { shape }]) => [encoder || 'text_encoder', `${shape[1]} wide`]),
      ),
      metadata: Object.fromEntries((await openSafetensors(path)).metadata),
    }
  },
} satisfies Subject
