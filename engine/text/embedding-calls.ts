// Where a text calls embeddings. A1111 knows the name itself wherever its tokens stand, ComfyUI `embedding:name`, diffusers the token of the file.
import { readAsA1111, type Emphasis } from '../requests/generate.ts'
import type { Weighted } from './attention-weights.ts'
import type { ClipTokenizer } from './clip-tokenizer.ts'
import type { Embedding } from './embedding.ts'

/** Tokens of words, or the vectors of an embedding, in the order of the text. */
/** From where to where of the text it stands. */
interface Stretch {
  readonly from: number
  readonly to: number
}
export type Piece = Stretch & { readonly weight: number } & ({ readonly ids: readonly number[] } | { readonly embedding: Embedding })

/** How the tokens of one run of text are read. */
export type PieceReader = (text: Weighted) => readonly Piece[]

/** Reads texts with these embeddings at hand; of two with one name the first is called. */
export function pieceReader(tokenizer: ClipTokenizer, emphasis: Emphasis, embeddings: readonly Embedding[] = []): PieceReader {
  const ids = ({ text, weight }: Weighted): Piece[] => [{ ids: tokenizer.encode(text), weight, from: 0, to: text.length }]
  const named = byName(embeddings)
  const plain = readAsA1111(emphasis) ? inTokens(tokenizer, named) : ids
  const pattern = callPattern(named, emphasis)
  return ({ text, weight }) => {
    const pieces: Piece[] = []
    let from = 0
    const words = (to: number): void => {
      if (to <= from) return
      const inside = plain({ text: text.slice(from, to), weight })
      pieces.push(...inside.map((piece) => ({ ...piece, from: from + piece.from, to: from + piece.to })))
    }
    for (const call of pattern === undefined ? [] : text.matchAll(pattern)) {
      const { prefixed, token, factor, unknown } = call.groups ?? {}
      words(call.index)
      from = call.index + call[0].length
      const embedding = named.get((prefixed ?? token ?? '').toLowerCase())
      if (embedding) pieces.push({ embedding, weight: factor === undefined ? weight : weight * Number(factor), from: call.index, to: from })
      // ComfyUI leaves it out; for the others these are words.
      else if (unknown !== undefined && emphasis !== 'comfyui') from = call.index
    }
    words(text.length)
    return pieces.length > 0 ? pieces : ids({ text, weight })
  }
}

/** Those that these texts call, each once. */
export function calledEmbeddings(
  tokenizer: ClipTokenizer,
  texts: readonly Weighted[],
  emphasis: Emphasis,
  embeddings: readonly Embedding[],
): Embedding[] {
  const read = pieceReader(tokenizer, emphasis, embeddings)
  return [...new Set(texts.flatMap(read).flatMap((piece) => ('embedding' in piece ? [piece.embedding] : [])))]
}

/** `embedding:name` for which there is none, as written. */
export function unknownCalls(text: string, embeddings: readonly Embedding[]): string[] {
  return Array.from(text.matchAll(prefixedCalls(byName(embeddings))), ({ 0: whole, groups }) =>
    groups?.['unknown'] === undefined ? [] : [whole.trim()],
  ).flat()
}

/** By name in small letters, the first of each name. */
export function byName(embeddings: readonly Embedding[]): Map<string, Embedding> {
  const named = new Map<string, Embedding>()
  for (const embedding of embeddings)
    for (const name of embedding.names) if (!named.has(name.toLowerCase())) named.set(name.toLowerCase(), embedding)
  return named
}

const literal = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)
/** Longest first, since one may begin like another. */
const alternatives = (named: ReadonlyMap<string, unknown>): string =>
  [...named.keys()]
    .toSorted((a, b) => b.length - a.length)
    .map(literal)
    .join('|')

/**
 * ComfyUI's, which people also write elsewhere: the name of a file, with its ending or without, up to a blank or a comma. Names with blanks, which
 * ComfyUI cannot call, are tried first, and so is a strength behind the name. Source: comfyanonymous/ComfyUI, comfy/sd1_clip.py,
 * tokenize_with_weights and _try_get_embedding.
 */
function prefixedCalls(named: ReadonlyMap<string, unknown>): RegExp {
  const known = String.raw`(?:[^\s,():]*[/\\])?(?<prefixed>${alternatives(named)})(?:\.(?:safetensors|pt|bin))?(?::(?<factor>[+-]?(?:\d+\.?\d*|\.\d+)))?(?![\p{L}\p{N}_-]|[.:/\\][\p{L}\p{N}])`
  const source = String.raw`(?<![\p{L}\p{N}_])embedding:\s*(?:${named.size > 0 ? `${known}|` : ''}(?<unknown>[^\s,():]+))`
  return new RegExp(source, 'giu')
}

function callPattern(named: ReadonlyMap<string, Embedding>, emphasis: Emphasis): RegExp | undefined {
  if (emphasis !== 'none') return prefixedCalls(named)
  if (named.size === 0) return undefined
  // Nothing has a meaning but the tokens that a pipeline was given, which its tokenizer also finds inside of other words; nobody means these.
  // Source: diffusers, loaders/textual_inversion.py.
  const edges = [...named.keys()]
    .toSorted((a, b) => b.length - a.length)
    .map((name) => {
      const before = /^[\p{L}\p{N}_]/u.test(name) ? String.raw`(?<![\p{L}\p{N}_])` : ''
      const after = /[\p{L}\p{N}_]$/u.test(name) ? String.raw`(?![\p{L}\p{N}_])` : ''
      return before + literal(name) + after
    })
  return new RegExp(`(?<token>${edges.join('|')})`, 'giu')
}

/**
 * Where the tokens of a name stand, the longest name first. Source: AUTOMATIC1111/stable-diffusion-webui,
 * modules/textual_inversion/textual_inversion.py, register_embedding_by_name and find_embedding_at_position.
 */
function inTokens(tokenizer: ClipTokenizer, named: ReadonlyMap<string, Embedding>): PieceReader {
  const known = [...named]
    .map(([name, embedding]) => ({ ids: tokenizer.encode(name), embedding }))
    .filter(({ ids }) => ids.length > 0)
    .toSorted((a, b) => b.ids.length - a.ids.length)
  return ({ text, weight }) => {
    const all = tokenizer.encode(text)
    const pieces: Piece[] = []
    let from = 0
    let starts: readonly number[] | undefined
    // Most texts call none.
    const place = (token: number): number =>
      token === 0 ? 0 : token === all.length ? text.length : ((starts ??= tokenizer.starts(text))[token] ?? 0)
    const words = (to: number): void => {
      if (to > from) pieces.push({ ids: all.slice(from, to), weight, from: place(from), to: place(to) })
    }
    for (let at = 0; at < all.length;) {
      const found = known.find(({ ids }) => ids.every((id, i) => all[at + i] === id))
      if (found) {
        words(at)
        pieces.push({ embedding: found.embedding, weight, from: place(at), to: place(at + found.ids.length) })
        at += found.ids.length
        from = at
      } else at++
    }
    words(all.length)
    return pieces
  }
}
