import { expect, test, vi } from 'vitest'
import { because } from '../../engine/requests/reason.ts'
import { errorWords } from './told.ts'

vi.mock('./words.svelte.ts', () => ({
  languageNow: () => 'zh',
  t: (key: string) => key,
  wordsFor: (_: string, otherwise: string) => otherwise,
}))

test('the Chinese card of a run that is another one names what differs', () => {
  const which = [
    because('differs-setting', '', { name: 'rank', was: '8', now: '16' }),
    because('differs-setting-gone', '', { name: 'seed', was: '1' }),
    because('differs-vae', ''),
    because('differs-runtime', '', { was: '1.29.0', now: '1.30.0' }),
    because('differs-setting-new', '', { name: 'ema', now: '0.9' }),
  ]
  expect(
    errorWords({ code: 'resume-mismatch', message: '', facts: { step: 3, differs: [{ name: 'rank', was: '8', now: '16' }], which } }),
  ).toBe(
    '这次训练与写下检查点的那次不同，不能继续。不同之处：“rank”（原为 8，现为 16）、“seed”（原为 1，现在未设）、VAE 的权重、onnxruntime 的版本（原为 1.29.0，现为 1.30.0）、“ema”（原先未设，现为 0.9）。请改回去，或重新开始。',
  )
})

test('a fact that is not for people leaves its clause out, and names stand in a row', () => {
  expect(errorWords({ code: 'pictures-broken', message: '', facts: { total: 4, count: 2, names: ['a.png', 'b.png'] } })).toBe(
    '4 张图片中有 2 张不能使用：a.png、b.png。请修复或移除它们，或选择忽略它们。',
  )
  expect(errorWords({ code: 'resume-mismatch', message: '', facts: { which: [{ a: 1 }] } })).toBe(
    '这次训练与写下检查点的那次不同，不能继续。请改回去，或重新开始。',
  )
})
