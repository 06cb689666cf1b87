// How many tokens a prompt takes, and where in its text the borders of its chunks lie.
import type { Emphasis } from '../requests/generate.ts'
import type { PromptCount } from '../requests/prompt-count.ts'
import { locatedAttention, placeIn, type Located } from './attention-weights.ts'
import type { ClipTokenizer } from './clip-tokenizer.ts'
import { vectorCount, type Embedding } from './embedding.ts'
import { pieceReader, type Piece } from './embedding-calls.ts'
import { promptChunks } from './prompt-chunks.ts'

export interface Counting {
  readonly emphasis: Emphasis
  readonly room: number
  readonly embeddings?: readonly Embedding[]
}

/** As the prompt is encoded; lengths in UTF-16 units, as JavaScript and editors count them. */
export function countPrompt(tokenizer: ClipTokenizer, prompt: string, { emphasis, room, embeddings = [] }: Counting): PromptCount {
  const segments = locatedAttention(prompt, emphasis)
  const chunks = promptChunks(tokenizer, segments, room, emphasis, embeddings)
  const read = pieceReader(tokenizer, emphasis, embeddings)
  const starts: number[] = []
  /** Numbers of tokens before each BREAK. */
  const breaks = new Set<number>()
  for (const segment of segments) {
    if (segment === 'break') breaks.add(starts.length)
    else for (const piece of read(segment)) starts.push(...startsOf(tokenizer, segment, piece))
  }
  let passed = 0
  const from = chunks.map(({ length }, n) => {
    const first = passed
    passed += length
    return n === 0 ? 0 : (starts[first] ?? prompt.length)
  })
  passed = 0
  return {
    tokens: starts.length,
    chunks: chunks.map(({ length }, n) => {
      passed += length
      const last = n === chunks.length - 1
      return {
        tokens: length,
        from: from[n] ?? 0,
        to: from[n + 1] ?? prompt.length,
        ends: last ? 'end' : breaks.has(passed) ? 'break' : 'full',
      }
    }),
  }
}

/** Where in the prompt each token of a piece begins. */
function startsOf(tokenizer: ClipTokenizer, segment: Located, piece: Piece): number[] {
  const { from, to } = piece
  const first = placeIn(segment, from)
  if ('embedding' in piece) return Array.from({ length: vectorCount(piece.embedding) }, () => first)
  const starts = tokenizer.starts(segment.text.slice(from, to))
  // Within a word that an embedding's name is cut from.
  if (starts.length !== piece.ids.length) return piece.ids.map(() => first)
  return starts.map((at) => placeIn(segment, from + at))
}
