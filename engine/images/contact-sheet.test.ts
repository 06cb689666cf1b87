import { expect, test } from 'vitest'
import { contactSheet } from './contact-sheet.ts'
import { SheetFont } from './sheet-font.ts'

const cell = { width: 8, height: 8, data: new Uint8Array(192).fill(100) }

/** What a line looks like alone, as text of its inked pixels. */
async function look(font: SheetFont, text: string): Promise<string> {
  const picture = { width: 160, height: 32, data: new Uint8Array(160 * 32 * 3).fill(255) }
  await font.draw(picture, text, 0, 0, [0, 0, 0])
  return Array.from({ length: 32 * 160 }, (_, i) => ((picture.data[i * 3] ?? 255) < 128 ? '#' : '.')).join('')
}

test('Chinese labels are drawn letter by letter, and not as boxes', async () => {
  const font = new SheetFont(16)
  const texts = ['黑', '墨', '彩', '铅', 'é', 'ж', '·', 'a']
  await font.prepare(texts)
  const looks = await Promise.all(texts.map((text) => look(font, text)))
  // Each has ink and a look of its own: a font that lacks them draws them all alike.
  for (const one of looks) expect(one).toContain('#')
  expect(new Set(looks).size).toBe(texts.length)
  expect(font.widthOf('黑墨')).toBe(32)
})

test('the letters are those of the bundled font, whatever fonts the machine has', async () => {
  const font = new SheetFont(100)
  await font.prepare(['Wgi'])
  // Its advances in thousandths of the em: 878, 564, 275. Those of DejaVu Sans, the usual fallback, are 989, 635, 278.
  expect(['W', 'g', 'i'].map((letter) => font.widthOf(letter))).toEqual([88, 56, 28])
})

test('a line begins where it is told to, whatever its letters, and markup is text', async () => {
  const font = new SheetFont(16)
  const texts = ['xxx', 'x|x', 'x<b>x', 'x&x']
  await font.prepare(texts)
  const top = (picture: string): number => Math.floor(picture.indexOf('#') / 160)
  const left = (picture: string): number =>
    Math.min(...Array.from({ length: 32 }, (_, y) => picture.slice(y * 160, (y + 1) * 160).indexOf('#')).filter((x) => x >= 0))
  const looks = await Promise.all(texts.map((text) => look(font, text)))
  for (const one of looks) expect(left(one)).toBeLessThan(3)
  // Small letters stand on one line, below the top of the bar.
  expect(top(looks[0] ?? '')).toBeGreaterThan(top(looks[1] ?? ''))
  expect(new Set(looks).size).toBe(4)
})

test('lines wrap at spaces, long words and Chinese anywhere, the rest becomes an ellipsis', async () => {
  const font = new SheetFont(16)
  const texts = ['a quiet lighthouse ' + 'x'.repeat(60), '一只戴着红色围巾的小狐狸坐在窗边看雪', 'comic-outline 2 · 0.5']
  await font.prepare(texts)
  const [long = [], chinese = [], short = []] = texts.map((text) => font.wrap(text, 110, 3))
  expect(long.length).toBe(3)
  for (const line of [...long, ...chinese]) expect(font.widthOf(line)).toBeLessThanOrEqual(110)
  expect(long.at(-1)).toMatch(/…$/)
  expect(chinese).toEqual(['一只戴着红色', '围巾的小狐狸', '坐在窗边看雪'])
  expect(short.join(' ')).toBe('comic-outline 2 · 0.5')
  expect(font.wrap('', 100, 3)).toEqual([])
})

test('the sheet holds every cell, enlarged by a whole factor, and bears any label', async () => {
  const hostile = ['<b>', '\u202e\u001b[31m', '猫😀', 'w'.repeat(5000)]
  const sheet = await contactSheet([[cell, undefined], [cell]], { title: 't', subtitle: 's', columns: hostile, rows: hostile })
  expect(sheet.data.length).toBe(sheet.width * sheet.height * 3)
  const square = Array.from({ length: sheet.height }, (_, y) => sheet.data.subarray(y * sheet.width * 3, (y + 1) * sheet.width * 3))
    .map((row) => row.reduce((count, value) => count + Number(value === 100), 0))
    .filter((count) => count >= 160 * 3)
  expect(square.length).toBe(2 * 160)
  expect((await contactSheet([])).width).toBeGreaterThan(0)
})
