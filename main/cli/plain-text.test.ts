import { expect, test } from 'vitest'
import { jsonLine, plainLine, plainText } from './plain-text.ts'
import { present } from './present.ts'

const hostile = 'red\x1b[31m \x9b2J \x07bell \u202egnp.exe\u202c \r over'

test('text from strangers cannot steer a terminal', () => {
  expect(plainText(hostile)).toBe('red\\x1b[31m \\x9b2J \\x07bell \\u202egnp.exe\\u202c \\x0d over')
  expect(plainText('中文 🐈 é\nnext\tcolumn')).toBe('中文 🐈 é\nnext\tcolumn')
  expect(plainLine('a\nb', 10)).toBe('a\\nb')
  expect(plainLine('🐈'.repeat(30), 5)).toBe('🐈🐈🐈🐈…')
})

test('JSON lines are harmless and keep the value', () => {
  const line = jsonLine({ type: 'result', text: hostile })
  expect(line).not.toMatch(/[\x00-\x1f\x7f-\x9f\u202e]/)
  expect(JSON.parse(line)).toEqual({ type: 'result', text: hostile })
})

test('a result reads as names and values, lists of records as tables', () => {
  const result = {
    path: `a${hostile}`,
    sizeBytes: 55_100,
    seconds: 275,
    fraction: 0.0126,
    ranks: [4, 8],
    none: [],
    metadata: { 'ss_\x1b[2Jx': hostile },
    networks: [
      { network: 'unet', parameters: 10 },
      { network: 'vae', parameters: 7, note: 'x' },
    ],
  }
  expect(present(result)).toBe(
    [
      'path      ared\\x1b[31m \\x9b2J \\x07bell \\u202egnp.exe\\u202c \\x0d over',
      'size      55.1 kB',
      'seconds   4:35',
      'fraction  1.26 %',
      'ranks     4, 8',
      'none      none',
      'metadata',
      '  ss_\\x1b[2Jx  red\\x1b[31m \\x9b2J \\x07bell \\u202egnp.exe\\u202c \\x0d over',
      'networks',
      '  network  parameters  note',
      '  unet     10          ',
      '  vae      7           x',
    ].join('\n'),
  )
})
