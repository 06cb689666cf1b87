// The letters of contact sheets: a bundled font, drawn by sharp, so that a sheet looks the same on machines that have no fonts at all.
import { fileURLToPath } from 'node:url'
import sharp, { type Sharp } from 'sharp'
import type { Picture } from './picture.ts'

/** Noto Sans SC: Latin, Cyrillic, the signs and 6,730 of the 6,763 ideographs of GB 2312. What it lacks the system's fonts draw, where there are any. */
const font = fileURLToPath(new URL('../../assets/fonts/NotoSansSC.ttf', import.meta.url)).replace(
  /\bapp\.asar(?=[\\/])/,
  'app.asar.unpacked',
)
/** Stands before every line while it is drawn: sharp crops to the ink, and with it every line has the same top, bottom and left. */
const strut = '|Åj|'
const mostLetters = 400

export type Colour = readonly [number, number, number]

/** A font of one size, in pixels of its em. `prepare` measures the letters of the texts that are wrapped then. */
export class SheetFont {
  readonly size: number
  /** Of a line with the space to the next. */
  readonly line: number
  readonly #widths = new Map<string, number>()
  #strut: { readonly height: number; readonly left: number } | undefined

  constructor(size: number) {
    this.size = size
    this.line = Math.round(size * 1.6)
  }

  async prepare(texts: readonly string[]): Promise<void> {
    const bar = await this.#ink('|')
    const two = await this.#ink('||')
    const whole = await this.#ink(strut)
    // The next letter begins after the last bar's ink and the space on its right, half of what an advance has beside its ink.
    this.#strut = { height: whole.height, left: whole.width + (two.width - 2 * bar.width) / 2 }
    for (const letter of new Set(texts.flatMap((text) => Array.from(`${clean(text)}…`)))) {
      // Ideographs fill their square.
      if (/\p{Script=Han}/u.test(letter)) this.#widths.set(letter, this.size)
      else if (!this.#widths.has(letter)) this.#widths.set(letter, (await this.#ink(`|${letter}|`)).width - two.width)
    }
  }

  widthOf(text: string): number {
    return Array.from(clean(text)).reduce((width, letter) => width + (this.#widths.get(letter) ?? this.size), 0)
  }

  /** Breaks a text into lines no wider than `width`, at spaces where it can; what exceeds `mostLines` ends in an ellipsis. */
  wrap(text: string, width: number, mostLines: number): string[] {
    const lines: string[] = []
    let line = ''
    for (const word of clean(text).split(' ')) {
      let rest = Array.from(line ? `${line} ${word}` : word)
      if (line && this.widthOf(rest.join('')) > width && !/\p{Script=Han}/u.test(word)) {
        lines.push(line)
        rest = Array.from(word)
      }
      for (let fit = this.#fitting(rest, width); fit < rest.length; fit = this.#fitting(rest, width)) {
        lines.push(rest.slice(0, fit).join('').trimEnd())
        rest = rest.slice(fit)
      }
      line = rest.join('').trimStart()
    }
    if (line) lines.push(line)
    if (lines.length <= mostLines) return lines
    const last = Array.from(lines[mostLines - 1] ?? '')
    while (last.length > 0 && this.widthOf(`${last.join('')}…`) > width) last.pop()
    return [...lines.slice(0, mostLines - 1), `${last.join('').trimEnd()}…`]
  }

  /** Draws one line with its top left corner at (x, y); what falls outside the picture is left out. */
  async draw(picture: Picture, text: string, x: number, y: number, colour: Colour): Promise<void> {
    const { height, left } = this.#strut ?? { height: 0, left: 0 }
    if (clean(text) === '') return
    const { data, info } = await this.#render(`${strut}${clean(text)}`)
      .raw()
      .toBuffer({ resolveWithObject: true })
    // A letter of another font may be taller than the strut, which then begins further down.
    const above = Math.max(0, info.height - height)
    for (let row = above; row < info.height; row++)
      for (let column = Math.round(left); column < info.width; column++) {
        const [px, py] = [x + column - Math.round(left), y + row - above]
        const ink = (data[(row * info.width + column) * info.channels] ?? 0) / 255
        if (ink === 0 || px < 0 || py < 0 || px >= picture.width || py >= picture.height) continue
        const at = (py * picture.width + px) * 3
        for (const [c, value] of colour.entries())
          picture.data[at + c] = Math.round((picture.data[at + c] ?? 255) * (1 - ink) + value * ink)
      }
  }

  /** How many of the letters fit; at least one. */
  #fitting(letters: readonly string[], width: number): number {
    let [count, used] = [0, 0]
    while (count < letters.length && (used += this.widthOf(letters[count] ?? '')) <= width) count++
    return Math.max(1, count)
  }

  async #ink(text: string): Promise<{ width: number; height: number }> {
    const { info } = await this.#render(text).raw().toBuffer({ resolveWithObject: true })
    return info
  }

  /** White ink on black. Pango reads markup: what would be some is escaped. */
  #render(text: string): Sharp {
    const plain = text.replace(/[&<>]/g, (sign) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[sign] ?? sign)
    return sharp({ text: { text: plain, fontfile: font, font: `Noto Sans SC ${this.size}`, dpi: 72 } })
  }
}

/** One line of letters that can be drawn: no control characters, which would turn or hide the text. */
const clean = (text: string): string =>
  text
    .replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zs}\p{Zl}\p{Zp}]+/gu, ' ')
    .trim()
    .slice(0, mostLetters)
