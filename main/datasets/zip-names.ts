// Names in zips that do not say how they are written. Windows packs them in the machine's own code page, macOS in UTF-8, both without a word.
// Reference: PKWARE's APPNOTE, 4.4.4 (bit 11) and appendix D; WHATWG Encoding for the two-byte forms.

interface CodePage {
  readonly name: string
  /** How usual a character of two bytes is in names, 0 … 1; undefined where there is none of these. */
  readonly usual: (lead: number, trail: number) => number | undefined
  /** How usual a single byte above ASCII is; undefined where there is none. */
  readonly single: (byte: number) => number | undefined
}
const within = (value: number, from: number, to: number): boolean => value >= from && value <= to

const codePages: readonly CodePage[] = [
  {
    name: 'shift_jis',
    usual(lead, trail) {
      if (!(within(lead, 0x81, 0x9f) || within(lead, 0xe0, 0xfc)) || !within(trail, 0x40, 0xfc) || trail === 0x7f) return undefined
      if (lead === 0x83 || (lead === 0x82 && trail >= 0x9f)) return 1 // kana
      return within(lead, 0x88, 0x97) ? 1 : 0.4
    },
    single: (byte) => (within(byte, 0xa1, 0xdf) ? 0.2 : undefined),
  },
  {
    name: 'gb18030',
    usual(lead, trail) {
      if (!within(lead, 0x81, 0xfe) || !within(trail, 0x40, 0xfe) || trail === 0x7f) return undefined
      return within(lead, 0xb0, 0xd7) && trail >= 0xa1 ? 1 : within(lead, 0xd8, 0xf7) && trail >= 0xa1 ? 0.6 : 0.2
    },
    single: () => undefined,
  },
  {
    name: 'big5',
    usual(lead, trail) {
      if (!within(lead, 0xa1, 0xf9) || !(within(trail, 0x40, 0x7e) || within(trail, 0xa1, 0xfe))) return undefined
      return within(lead, 0xa4, 0xc6) ? 0.9 : 0.3
    },
    single: () => undefined,
  },
]
/** Below it the names are read as the format prescribes, in code page 437. */
const enough = 0.6

/** How the names of one archive are written; all of them are asked, since one says little. Undefined for code page 437. */
export function encodingOf(names: readonly Uint8Array[]): string | undefined {
  if (names.every((name) => decoded(name, 'utf-8') !== undefined)) return 'utf-8'
  const rated = codePages.map((page) => ({ page, rate: rate(page, names) })).sort((a, b) => b.rate - a.rate)
  const [best] = rated
  return best && best.rate >= enough ? best.page.name : undefined
}

/** Undefined where the bytes are none of that encoding. */
export function decoded(name: Uint8Array, encoding: string): string | undefined {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(name)
  } catch {
    return undefined
  }
}

/** How usual the characters beyond ASCII are on average; 0 where the names cannot be of that page. */
function rate(page: CodePage, names: readonly Uint8Array[]): number {
  let [sum, count] = [0, 0]
  for (const name of names)
    for (let i = 0; i < name.length; i++) {
      const byte = name[i] ?? 0
      if (byte < 0x80) continue
      const single = page.single(byte)
      const value = single ?? page.usual(byte, name[++i] ?? 0)
      if (value === undefined) return 0
      sum += value
      count++
    }
  return count === 0 ? 0 : sum / count
}
