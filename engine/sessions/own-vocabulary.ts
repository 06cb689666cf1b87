// Whether a vocabulary is that of a checkpoint's text encoders, and what it says of their padding.
import type { Checkpoint, ClipTextConfig, ClipVocabularyFiles, Network } from '../checkpoint/config.ts'
import { PigmentError } from '../requests/error.ts'
import type { ClipTokenizer } from '../text/clip-tokenizer.ts'
import { padIdOf } from '../text/vocabulary-files.ts'

/** More tokens than a text encoder has rows for belong to another model. Fewer are usual: embeddings may have been added. */
export function checkVocabulary({ path, textEncoders, tokenizer }: Checkpoint, { vocabSize }: ClipTokenizer): void {
  for (const { config } of textEncoders)
    if (vocabSize > config.vocabSize)
      throw new PigmentError(
        'tokenizer-mismatch',
        `"${path}": its text encoder knows ${config.vocabSize} tokens, but ${tokenizer ? 'its vocabulary' : "OpenAI's vocabulary"} has ${vocabSize}. ` +
          'Name the folder of the vocabulary that it was trained with (--tokenizer), or open its diffusers folder, which has one.',
        { path, known: config.vocabSize, vocabulary: vocabSize },
      )
}

/** A vocabulary that is named says what the first text encoder is padded with; a second one has a padding of its own. */
export async function paddedAs(checkpoint: Checkpoint, vocabulary: ClipVocabularyFiles): Promise<Checkpoint> {
  const padId = await padIdOf(vocabulary)
  if (padId === undefined) return checkpoint
  const padded = ({ config, weights }: Network<ClipTextConfig>, i: number) => ({ config: i === 0 ? { ...config, padId } : config, weights })
  return { ...checkpoint, textEncoders: checkpoint.textEncoders.map(padded) }
}
