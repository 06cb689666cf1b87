// What is often found under the name of a .safetensors file and is none: each is named, with what to do instead.
import { PigmentError } from '../requests/error.ts'

interface Other {
  readonly code: 'safetensors-page' | 'safetensors-pointer' | 'safetensors-other-file'
  readonly sentence: string
}

const other = (sentence: string): Other => ({ code: 'safetensors-other-file', sentence })

/** First bytes, as latin-1, of kinds of file that are not text. */
const byMagic: readonly (readonly [magic: RegExp, found: Other])[] = [
  [
    /^GGUF/,
    other('is a GGUF file, as stable-diffusion.cpp and llama.cpp use them. Get the .safetensors version of the same model or adapter.'),
  ],
  [/^(\x89PNG|\xff\xd8\xff|GIF8|RIFF[^]{4}WEBP)/, other('is a picture. Choose the model or adapter itself.')],
  [/^(7z\xbc\xaf\x27\x1c|Rar!|\x1f\x8b|BZh|\xfd7zXZ)/, other('is a packed archive. Unpack it, and choose the .safetensors file inside.')],
  [/^\0{512}/, other('begins with zeros only: its download did not finish, though the disk space was already taken. Download it again.')],
]

/** Throws `safetensors-page`, `safetensors-pointer` or `safetensors-other-file` when the first bytes are those of something else. */
export function refuseOtherFile(path: string, first: Uint8Array): void {
  const start = String.fromCharCode(...first.subarray(0, 512))
  const found = byMagic.find(([magic]) => magic.test(start))?.[1] ?? (isText(first) ? asText(first) : undefined)
  if (found) throw new PigmentError(found.code, `"${path}" ${found.sentence}`, { path })
}

/** The first eight bytes of a safetensors file are a length; eight printable ones would be one of 10¹⁸ bytes. */
function isText(first: Uint8Array): boolean {
  const bytes = isMarked(first) ? first.subarray(3) : first
  return bytes.length >= 8 && bytes.subarray(0, 8).every((byte) => byte >= 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09)
}

/** A byte order mark. */
const isMarked = ([a, b, c]: Uint8Array): boolean => a === 0xef && b === 0xbb && c === 0xbf

function asText(first: Uint8Array): Other {
  const text = new TextDecoder().decode(first).trimStart()
  if (/^version https:\/\/git-lfs\.github\.com\/spec\//.test(text)) {
    const size = /^size (\d{1,15})$/m.exec(text)?.[1]
    const of = size ? `, here one of ${size} bytes` : ''
    return {
      code: 'safetensors-pointer',
      sentence: `is a Git LFS pointer: a few lines of text that stand for a large file${of}, which was not fetched. Run "git lfs pull" in its folder, or download the file itself.`,
    }
  }
  if (/^<(!doctype|!--|html|head|body|\?xml|script)/i.test(text))
    return {
      code: 'safetensors-page',
      sentence:
        'is a web page, not a model or an adapter: the site answered the download with a page, often one that asks to log in or to accept a licence. ' +
        'Open the link in a browser, do what the page asks, and download the file again.',
    }
  const line = (text.split(/[\r\n]/, 1)[0] ?? '').replace(/[^\x20-\x7e]/g, '').slice(0, 80)
  return other(
    `is a text that begins with ${JSON.stringify(line)}, not a model or an adapter: often what a site answers instead of a download. Download the file again.`,
  )
}
