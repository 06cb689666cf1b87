// From token ids to text: tokenizer.json, or the plain list of a vocabulary. BERT's pieces (WordPiece) and GPT-2's bytes are read.
import { basename } from 'node:path'
import { captionerFile, isTable, readJson, readText, type Table } from './json-files.ts'

/** Special tokens, and ids that there are not, say nothing. */
export type TextOfTokens = (ids: readonly number[]) => string

/** Throws `captioner-file`. */
export async function readTokenTexts(path: string): Promise<TextOfTokens> {
  const name = basename(path)
  if (name.endsWith('.txt')) return wordPieces(fromLines(await readText(path)))
  const json = await readJson(path)
  if (name !== 'tokenizer.json') return bytePieces(byId(Object.entries(json), /^<.*>$/))
  const model = isTable(json.model) ? json.model : {}
  const vocab = isTable(model.vocab) ? Object.entries(model.vocab) : []
  const added = Array.isArray(json.added_tokens) ? json.added_tokens.filter(isTable) : []
  const tokens = byId([...vocab, ...added.map(({ content, id }) => [String(content), id] as const)])
  for (const { id, special } of added) if (special === true) tokens.delete(Number(id))
  const kind = kindOf(json, model)
  if (kind === 'WordPiece') return wordPieces(tokens)
  if (kind === 'ByteLevel') return bytePieces(tokens)
  throw captionerFile(path, `its tokens are of the kind "${kind}"; WordPiece (BERT) and byte-level BPE (GPT-2) are read`)
}

function kindOf({ decoder }: Table, { type }: Table): string {
  const told = isTable(decoder) ? decoder.type : type
  return told === 'BPE' ? 'ByteLevel' : String(told)
}

function byId(entries: readonly (readonly [token: string, id: unknown])[], special?: RegExp): Map<number, string> {
  const known = entries.flatMap(([token, id]) => (typeof id === 'number' && !special?.test(token) ? [[id, token] as const] : []))
  return new Map(known)
}

/** One token a line; those in brackets are marks. */
const fromLines = (text: string): Map<number, string> =>
  byId(
    text
      .trimEnd()
      .split(/\r?\n/)
      .map((token, id) => [token, id]),
    /^\[.*\]$/,
  )

function wordPieces(tokens: ReadonlyMap<number, string>): TextOfTokens {
  return (ids) =>
    tidied(
      ids
        .flatMap((id) => tokens.get(id) ?? [])
        .join(' ')
        .replaceAll(' ##', ''),
    )
}

/** Blanks before signs go, as transformers cleans up what it decodes. */
function tidied(text: string): string {
  return text
    .replace(/ ([.?!,])/g, '$1')
    .replaceAll(" ' ", "'")
    .replace(/ (n't|'m|'s|'ve|'re)/g, '$1')
    .trim()
}

/** GPT-2 writes each byte as a printable character: these stand for themselves, the others for U+0100 and on. */
const byteOf = new Map<string, number>()
for (let byte = 0, next = 256; byte < 256; byte++) {
  const itself = (byte >= 33 && byte <= 126) || (byte >= 161 && byte !== 173)
  byteOf.set(String.fromCharCode(itself ? byte : next++), byte)
}

function bytePieces(tokens: ReadonlyMap<number, string>): TextOfTokens {
  return (ids) => {
    const bytes = ids.flatMap((id) => Array.from(tokens.get(id) ?? '', (character) => byteOf.get(character) ?? 32))
    return new TextDecoder().decode(Uint8Array.from(bytes)).trim()
  }
}
