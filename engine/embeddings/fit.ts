// Whether a textual inversion was made for a model, and for which one if not.
import type { Checkpoint, ClipTextConfig, Family, Network } from '../checkpoint/config.ts'
import { families } from '../models/families/index.ts'
import { familyCalled } from '../models/family-called.ts'
import type { ModelFamily } from '../models/family.ts'
import { PigmentError } from '../requests/error.ts'
import { vectorCount, type Embedding } from '../text/embedding.ts'
import { vectorsFor } from '../text/inserted-vectors.ts'

type Encoders = readonly Pick<Network<ClipTextConfig>, 'config'>[]

/** The family whose published encoders are as wide as the vectors. */
export function embeddingFamily(embedding: Embedding): ModelFamily | undefined {
  return families.find((family) => fits(embedding, family, family.published.textEncoders))
}

/** Throws `embedding-family-mismatch`, and `embedding-too-long` where its vectors do not fit in a frame of the model's. */
export function checkFit(
  embedding: Embedding,
  { family, textEncoders }: { readonly family: Family; readonly textEncoders: Encoders },
): void {
  const { file, names, vectors } = embedding
  const [name = file] = names
  const rules = familyCalled(family)
  const configs = textEncoders.map(({ config }) => config)
  if (!fits(embedding, rules, configs)) {
    const expected = configs.map(({ width }, i) => one(rules.textEncoders[i]?.inAdapters.comfyui, width)).join(' and ')
    const got = Object.entries(vectors)
      .map(([encoder, { shape }]) => one(encoder, shape[1] ?? 0))
      .join(' and ')
    const hint = embeddingFamily(embedding)
    const advice =
      hint && hint !== rules
        ? `It seems to be made for ${hint.title}: load such a model to use it.`
        : 'Load the model that it was trained on.'
    throw new PigmentError(
      'embedding-family-mismatch',
      `The embedding "${name}" ("${file}") does not fit this ${rules.title} model: expected vectors of ${expected}, got ${got}. ${advice}`,
      { name, path: file, base: family, expected, got, madeFor: hint?.title ?? null },
    )
  }
  const room = Math.min(...configs.map(({ positions }) => positions)) - 2
  if (vectorCount(embedding) > room)
    throw new PigmentError(
      'embedding-too-long',
      `The embedding "${name}" ("${file}") has ${vectorCount(embedding)} vectors, and a prompt's frame of this model has room for ${room}. Use one of fewer vectors.`,
      { name, path: file, vectors: vectorCount(embedding), room },
    )
}

/** Each encoder has its vectors, and no other encoder has any. */
function fits(embedding: Embedding, { textEncoders }: ModelFamily, configs: readonly Pick<ClipTextConfig, 'width'>[]): boolean {
  if (Object.keys(embedding.vectors).length !== configs.length) return false
  return configs.every(({ width }, i) => vectorsFor(embedding, textEncoders[i]?.inAdapters.comfyui ?? '')?.shape[1] === width)
}

const one = (encoder: string | undefined, width: number): string => `width ${width}${encoder ? ` (${encoder})` : ''}`

/** Those of these that fit a model, and why the others do not. */
export function fittingEmbeddings(
  embeddings: readonly Embedding[],
  checkpoint: Pick<Checkpoint, 'family' | 'textEncoders'>,
): { readonly fitting: readonly Embedding[]; readonly refused: readonly PigmentError[] } {
  const fitting: Embedding[] = []
  const refused: PigmentError[] = []
  for (const embedding of embeddings)
    try {
      checkFit(embedding, checkpoint)
      fitting.push(embedding)
    } catch (error) {
      if (!(error instanceof PigmentError)) throw error
      refused.push(error)
    }
  return { fitting, refused }
}
