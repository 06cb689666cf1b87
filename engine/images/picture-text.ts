// What a picture says of how it was made: text chunks of a PNG; of a JPEG, WebP or AVIF the comment in its EXIF block, where A1111 and those who
// took its habit put the same "parameters" (CIPA DC-008-2012, UserComment: eight bytes that name the encoding, then the text).
import exif from 'exif-reader'
import { PigmentError } from '../requests/error.ts'
import { attemptPicture, openPicture } from './picture.ts'
import { sniffPicture } from './picture-formats.ts'
import type { PngText } from './formats/png-text.ts'

const MAX_COMMENT_BYTES = 1024 * 1024

/**
 * Texts by keyword, hostile until shown as text; none where a picture says nothing, and one that is too large as omitted beside others.
 * Throws what a picture that cannot be read throws, and `picture-text-too-large` where every text is.
 */
export async function readPictureText(bytes: Uint8Array, name: string): Promise<readonly PngText[]> {
  const { texts } = sniffPicture(bytes, name)
  if (texts) return texts(bytes, name)
  const block = (await attemptPicture(name, {}, () => openPicture(bytes, name, {}).metadata())).exif
  if (!block) return []
  const { comment, graphs } = saidIn(block)
  if (!comment) return graphs
  if (comment.length > MAX_COMMENT_BYTES) {
    const sentence = `"${name}" carries a comment of ${comment.length} bytes; settings of a picture are far smaller. Save it again without its metadata.`
    throw new PigmentError('picture-text-too-large', sentence, { name, what: `a comment of ${comment.length} bytes` })
  }
  const text = decodeComment(comment)
  return text === '' ? graphs : [{ keyword: 'parameters', text }, ...graphs]
}

/**
 * The comment, and what ComfyUI puts into fields meant for a camera's names: `prompt:{…}` and `workflow:{…}`.
 * A camera's block may be damaged in ways that do not matter here: one that cannot be read says nothing.
 */
function saidIn(block: Buffer): { comment?: Buffer; graphs: PngText[] } {
  try {
    const { Photo, Image } = exif(block)
    const comment: unknown = Photo?.UserComment
    const graphs = Object.values(Image ?? {}).flatMap((value: unknown): PngText[] => {
      const [, keyword = '', text = ''] =
        /^(prompt|workflow):\s*(\{.*)$/s.exec(typeof value === 'string' ? value.slice(0, MAX_COMMENT_BYTES) : '') ?? []
      return keyword === '' ? [] : [{ keyword, text: text.replace(/\0+$/, '') }]
    })
    return { ...(Buffer.isBuffer(comment) ? { comment } : {}), graphs }
  } catch {
    return { graphs: [] }
  }
}

function decodeComment(comment: Buffer): string {
  const [encoding, body] = [comment.toString('latin1', 0, 8).replace(/\0+$/, ''), comment.subarray(8)]
  const text = encoding === 'UNICODE' ? utf16(body) : new TextDecoder().decode(encoding === 'ASCII' || encoding === '' ? body : comment)
  return text.replace(/\0+$/, '').trim()
}

/** The order of bytes is told by a mark, else by where the zero halves of Latin letters stand; without a sign it is A1111's, the high byte first. */
function utf16(body: Buffer): string {
  const mark = body.toString('latin1', 0, 2)
  const marked = { '\xff\xfe': 'utf-16le', '\xfe\xff': 'utf-16be' }[mark]
  const zeros = [0, 0]
  body.forEach((byte, i) => (zeros[i % 2] = (zeros[i % 2] ?? 0) + (byte === 0 ? 1 : 0)))
  const [high = 0, low = 0] = zeros
  return new TextDecoder(marked ?? (low > high ? 'utf-16le' : 'utf-16be')).decode(body)
}
