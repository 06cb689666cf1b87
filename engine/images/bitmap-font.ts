// A small bitmap font: contact sheets need labels on machines that have no fonts at all.
// Capitals are 7 dots high, small letters 5, descenders reach 2 below. Widths vary, digits share one.
import type { Picture } from './picture.ts'

/** Rows of a line of text before scaling: 7 above the baseline, 2 below. */
export const FONT_HEIGHT = 9

/** A character, then its columns from the left in hexadecimal; bit 0 is the top row. */
const table = `
  !5f "3,0,3 #14,7f,14,7f,14 $24,2a,7f,2a,12 %23,13,8,64,62 &36,49,56,20,50 '3 (1c,22,41 )41,22,1c *14,8,3e,8,14 +8,8,3e,8,8
  ,80,60 -8,8,8,8 .60,60 /60,18,6,1 03e,51,49,45,3e 10,42,7f,40,0 262,51,49,49,46 322,41,49,49,36 418,14,12,7f,10
  527,45,45,45,39 63c,4a,49,49,30 71,71,9,5,3 836,49,49,49,36 96,49,49,29,1e :6c,6c ;80,6c <8,14,22,41 =14,14,14,14 >41,22,14,8
  ?2,1,59,9,6 @3e,41,5d,55,1e A7c,12,11,12,7c B7f,49,49,49,36 C3e,41,41,41,22 D7f,41,41,41,3e E7f,49,49,41 F7f,9,9,1
  G3e,41,49,49,3a H7f,8,8,8,7f I41,7f,41 J20,40,40,3f K7f,8,14,22,41 L7f,40,40,40 M7f,2,c,2,7f N7f,4,8,10,7f O3e,41,41,41,3e
  P7f,9,9,9,6 Q3e,41,51,21,5e R7f,9,19,29,46 S26,49,49,49,32 T1,1,7f,1,1 U3f,40,40,40,3f V1f,20,40,20,1f W7f,20,18,20,7f
  X63,14,8,14,63 Y3,4,78,4,3 Z61,51,49,45,43 [7f,41,41 \\1,6,18,60 ]41,41,7f ^4,2,1,2,4 _80,80,80,80 \`1,2 a20,54,54,54,78
  b7f,44,44,44,38 c38,44,44,44 d38,44,44,44,7f e38,54,54,54,18 f4,7e,5,1 g38,144,144,144,fc h7f,4,4,4,78 i7d j100,100,fd
  k7f,10,28,44 l3f,40 m7c,4,78,4,78 n7c,4,4,4,78 o38,44,44,44,38 p1fc,44,44,44,38 q38,44,44,44,1fc r7c,8,4,4 s48,54,54,24
  t4,3f,44,40 u3c,40,40,40,7c v1c,20,40,20,1c w3c,40,30,40,3c x44,28,10,28,44 y3c,140,140,140,fc z44,64,54,4c,44 {8,36,41 |7f
  }41,36,8 ~8,4,8,10,8 ×44,28,10,28,44 ·8 –8,8,8,8 ’3
`

const glyphs = new Map<string, readonly number[]>([[' ', [0, 0]]])
for (const [character = '', ...hex] of table.trim().split(/\s+/)) {
  const numbers = hex.join('').split(',')
  glyphs.set(
    character,
    numbers.map((column) => parseInt(column, 16)),
  )
}
/** Drawn for characters the font lacks: a hollow box. */
const unknown = [0x7f, 0x41, 0x41, 0x41, 0x7f]
const ACCENTS = /\p{M}/gu

function glyphsOf(text: string): (readonly number[])[] {
  return Array.from(text.normalize('NFKD').replace(ACCENTS, ''), (c) => glyphs.get(c) ?? unknown)
}

/** Width of a line in pixels at a scale. */
export function textWidth(text: string, scale: number): number {
  return (
    scale *
    Math.max(
      0,
      glyphsOf(text).reduce((width, glyph) => width + glyph.length + 1, -1),
    )
  )
}

/** Draws one line with its top left corner at (x, y); what falls outside the picture is left out. */
export function drawText(
  picture: Picture,
  text: string,
  x: number,
  y: number,
  scale: number,
  colour: readonly [number, number, number],
): void {
  for (const glyph of glyphsOf(text)) {
    for (const [i, column] of glyph.entries())
      for (let row = 0; row < FONT_HEIGHT; row++)
        if ((column >> row) & 1) fillRectangle(picture, x + i * scale, y + row * scale, scale, scale, colour)
    x += (glyph.length + 1) * scale
  }
}

/** A filled rectangle, clipped to the picture. */
export function fillRectangle(
  picture: Picture,
  x: number,
  y: number,
  width: number,
  height: number,
  colour: readonly [number, number, number],
): void {
  for (let row = Math.max(0, y); row < Math.min(picture.height, y + height); row++)
    for (let column = Math.max(0, x); column < Math.min(picture.width, x + width); column++)
      picture.data.set(colour, (row * picture.width + column) * 3)
}

/** Breaks a text into lines no wider than `width`, at spaces where it can; what exceeds `maxLines` ends in an ellipsis. */
export function wrapText(text: string, width: number, maxLines: number, scale: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.trim().slice(0, 400).split(/\s+/)) {
    let rest = line ? `${line} ${word}` : word
    if (line && textWidth(rest, scale) > width) {
      lines.push(line)
      rest = word
    }
    for (; textWidth(rest, scale) > width && rest.length > 1; rest = rest.slice(fitting(rest, width, scale)))
      lines.push(rest.slice(0, fitting(rest, width, scale)))
    line = rest
  }
  if (line) lines.push(line)
  if (lines.length <= maxLines) return lines
  let last = lines[maxLines - 1] ?? ''
  while (last && textWidth(`${last}…`, scale) > width) last = last.slice(0, -1)
  return [...lines.slice(0, maxLines - 1), `${last.trimEnd()}…`]
}

function fitting(text: string, width: number, scale: number): number {
  let count = 1
  while (count < text.length && textWidth(text.slice(0, count + 1), scale) <= width) count++
  return count
}
