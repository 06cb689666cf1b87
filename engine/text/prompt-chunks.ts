// A prompt longer than a text encoder is cut into chunks, each encoded by itself. Where the border falls is a matter of the program.
import type { Emphasis } from '../requests/generate.ts'
import type { Segment } from './attention-weights.ts'
import type { ClipTokenizer } from './clip-tokenizer.ts'
import { vectorCount, type EmbeddedRow, type Embedding } from './embedding.ts'
import { pieceReader, type Piece } from './embedding-calls.ts'

export interface WeightedToken {
  readonly id: number
  readonly weight: number
  /** A vector in the token's place; the id is any. */
  readonly vector?: EmbeddedRow
}
export type Chunk = readonly WeightedToken[]

/** At least one chunk; each of at most `room` tokens, which no embedding has more vectors than. */
export function promptChunks(
  tokenizer: ClipTokenizer,
  segments: readonly Segment[],
  room: number,
  emphasis: Emphasis,
  embeddings: readonly Embedding[] = [],
): Chunk[] {
  const read = pieceReader(tokenizer, emphasis, embeddings)
  const parts = segments.flatMap((segment): readonly (Chunk | 'break')[] => (segment === 'break' ? [segment] : read(segment).map(tokensOf)))
  switch (emphasis) {
    case 'a1111':
    case 'a1111-ignore':
    case 'a1111-no-norm':
      return atCommas(parts, room, tokenizer.commaId)
    case 'comfyui':
      return wholeSegments(parts, room, SHORT_SEGMENT)
    case 'none':
      return wholeSegments(parts, room, 0)
  }
}

function tokensOf(piece: Piece): Chunk {
  const { weight } = piece
  if ('ids' in piece) return piece.ids.map((id) => ({ id, weight }))
  const { embedding } = piece
  return Array.from({ length: vectorCount(embedding) }, (_, row) => ({ id: 0, weight, vector: { embedding, row } }))
}

const COMMA_BACKTRACK = 20

/**
 * Where a chunk is full, what follows its last comma moves to the next one, if that comma stands in the last 20 tokens; else the cut is where the
 * chunk ends; the vectors of an embedding stay together. Source: AUTOMATIC1111/stable-diffusion-webui, modules/sd_hijack_clip.py, tokenize_line, with its default comma_padding_backtrack.
 */
function atCommas(parts: readonly (Chunk | 'break')[], room: number, comma: number | undefined): Chunk[] {
  const chunks: Chunk[] = []
  let chunk: WeightedToken[] = []
  let lastComma = -1
  const close = (length = chunk.length): void => {
    chunks.push(chunk.slice(0, length))
    chunk = chunk.slice(length)
    lastComma = -1
  }
  for (const part of parts) {
    if (part === 'break') close()
    else
      for (const token of part) {
        if (!token.vector && token.id === comma) lastComma = chunk.length
        else if (chunk.length === room && lastComma >= 0 && room - lastComma <= COMMA_BACKTRACK) close(lastComma + 1)
        if (chunk.length === room || (token.vector?.row === 0 && chunk.length + part.length > room)) close()
        chunk.push(token)
      }
  }
  if (chunk.length > 0 || chunks.length === 0) close()
  return chunks
}

const SHORT_SEGMENT = 8

/**
 * A stretch of one weight stays in one chunk if it has fewer than `short` tokens; a longer one is cut where the chunk is full.
 * Source: comfyanonymous/ComfyUI, comfy/sd1_clip.py, tokenize_with_weights (max_word_length). Until December 2024 its stretches were words.
 */
function wholeSegments(parts: readonly (Chunk | 'break')[], room: number, short: number): Chunk[] {
  const chunks: WeightedToken[][] = [[]]
  for (const part of parts) {
    if (part === 'break') chunks.push([])
    else if (part.length < short && part.length + (chunks.at(-1)?.length ?? 0) > room) chunks.push([...part])
    else
      for (const token of part) {
        if (chunks.at(-1)?.length === room) chunks.push([])
        chunks.at(-1)?.push(token)
      }
  }
  return chunks
}
