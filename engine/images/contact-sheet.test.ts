import { expect, test } from 'vitest'
import { drawText, textWidth, wrapText } from './bitmap-font.ts'
import { contactSheet } from './contact-sheet.ts'

const cell = { width: 8, height: 8, data: new Uint8Array(192).fill(100) }

test('a letter is drawn dot by dot', () => {
  const picture = { width: 5, height: 9, data: new Uint8Array(135).fill(255) }
  drawText(picture, 'a', 0, 0, 1, [0, 0, 0])
  const rows = Array.from({ length: 9 }, (_, y) =>
    Array.from({ length: 5 }, (_, x) => (picture.data[(y * 5 + x) * 3] ? '.' : '#')).join(''),
  )
  expect(rows).toEqual(['.....', '.....', '.###.', '....#', '.####', '#...#', '.####', '.....', '.....'])
})

test('lines wrap at spaces, long words break, the rest becomes an ellipsis', () => {
  const lines = wrapText('a quiet lighthouse ' + 'x'.repeat(60), 100, 3, 2)
  expect(lines.length).toBe(3)
  for (const line of lines) expect(textWidth(line, 2)).toBeLessThanOrEqual(100)
  expect(lines.at(-1)).toMatch(/…$/)
  expect(wrapText('', 100, 3, 2)).toEqual([])
})

test('the sheet holds every cell, enlarged by a whole factor, and bears any label', () => {
  const hostile = ['<b>', '\u202e\u001b[31m', '猫😀', 'w'.repeat(5000)]
  const sheet = contactSheet([[cell, undefined], [cell]], { title: 't', subtitle: 's', columns: hostile, rows: hostile })
  expect(sheet.data.length).toBe(sheet.width * sheet.height * 3)
  const grey = sheet.data.filter((value) => value === 100).length
  expect(grey).toBe(2 * 160 * 160 * 3)
  expect(contactSheet([]).width).toBeGreaterThan(0)
})
