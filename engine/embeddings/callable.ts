// What the prompts of a picture may call: embeddings that were asked for, then those of the adapters that act.
import { acts, type StackEntry } from '../adapters/stack.ts'
import type { Checkpoint } from '../checkpoint/config.ts'
import type { GenerateEvent } from '../requests/generate.ts'
import type { Embedding } from '../text/embedding.ts'
import { vectorsFor } from '../text/inserted-vectors.ts'
import { fittingEmbeddings } from './fit.ts'

/** Those that fit the model. The others are told, and so are names that two of them have. */
export function* callableEmbeddings(
  checkpoint: Pick<Checkpoint, 'family' | 'textEncoders'>,
  asked: readonly Embedding[] = [],
  stack: readonly StackEntry[] = [],
): Generator<GenerateEvent, readonly Embedding[]> {
  const bundled = stack.filter(acts).flatMap(({ adapter }) => adapter.embeddings ?? [])
  const { fitting, refused } = fittingEmbeddings([...new Set([...asked, ...bundled])], checkpoint)
  for (const { code, message, facts } of refused) yield { type: 'warning', code, message, facts }
  yield* namesTwice(fitting)
  return fitting
}

const alike = (one: Embedding, other: Embedding): boolean =>
  Object.keys(one.vectors).length === Object.keys(other.vectors).length &&
  Object.entries(one.vectors).every(([encoder, { data }]) => {
    const same = vectorsFor(other, encoder)
    return same?.data.length === data.length && same.data.every((value, i) => value === data[i])
  })

function* namesTwice(embeddings: readonly Embedding[]): Generator<GenerateEvent> {
  const known = new Map<string, Embedding>()
  for (const embedding of embeddings)
    for (const name of embedding.names) {
      const first = known.get(name.toLowerCase())
      known.set(name.toLowerCase(), first ?? embedding)
      // The file of a run and the adapter of the same run have the same vectors.
      if (!first || first === embedding || (first.bundled !== embedding.bundled && alike(first, embedding))) continue
      const message = `Two embeddings are called "${name}": that of "${first.file}" is used, and that of "${embedding.file}" is not. Rename one, or leave it out.`
      yield { type: 'warning', code: 'embedding-twice', message, facts: { name, file: first.file, other: embedding.file } }
    }
}
