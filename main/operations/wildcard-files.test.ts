import { readFileSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { drawnPrompt } from '../../engine/text/drawn-prompt.ts'
import { wildcardLines, wildcardNames } from './wildcard-files.ts'

const fixture = new URL('../../engine/text/fixtures/prompt-variants.json', import.meta.url)
const { files, cases } = JSON.parse(readFileSync(fixture, 'utf8')) as {
  files: Readonly<Record<string, string>>
  cases: readonly { readonly template: string; readonly says: readonly string[] }[]
}
let folder = ''
const write = async (name: string, text: string): Promise<void> => {
  const path = join(folder, `${name}.txt`)
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, text)
}
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pigment-wildcards-'))
  for (const [name, text] of Object.entries(files)) await write(name, text)
})
afterAll(() => rm(folder, { recursive: true }))

const drawn = (text: string, seed = 1): Promise<string> => drawnPrompt(text, wildcardLines(folder), { seed, text: 'prompt' })
async function sayings(template: string, seeds = 60): Promise<string[]> {
  const lines = wildcardLines(folder)
  const all = Array.from({ length: seeds }, (_, seed) => drawnPrompt(template, lines, { seed, text: 'prompt' }))
  return [...new Set(await Promise.all(all))].sort()
}

test.each(cases)('over the seeds it says what dynamic prompts says, and nothing else: $template', async ({ template, says }) => {
  expect(await sayings(template, 30 * says.length)).toEqual(says)
})

test('a seed says the same every time, each picture its own, the negative prompt by its own draw', async () => {
  const template = '{1-3$$a|b|c|d|e|f} __colour__ {g|h|i|j|k|l|m}'
  expect(await drawn(template, 7)).toBe(await drawn(template, 7))
  expect((await sayings(template, 8)).length).toBeGreaterThan(5)
  const lines = wildcardLines(folder)
  const texts = (['prompt', 'negative'] as const).map((text) => drawnPrompt(template, lines, { seed: 7, text }))
  expect(new Set(await Promise.all(texts)).size).toBe(2)
})

test('weights count', async () => {
  const all = await Promise.all(Array.from({ length: 400 }, (_, seed) => drawn('{3::a|b}', seed)))
  const share = all.filter((one) => one === 'a').length / all.length
  expect(share).toBeGreaterThan(0.68)
  expect(share).toBeLessThan(0.82)
})

test.each([
  '{word}',
  '{}',
  '{{1girl}}, art',
  '{a|b',
  'a}b',
  String.raw`\{a|b\}`,
  ':{',
  'a__b',
  '__ x __y',
  '[a|b] and [c:d:0.5]',
  '1.5::a::',
])('what is no choice stays as it is: %s', async (text) => expect(await drawn(text)).toBe(text))

test('A1111’s turns in a choice stay together, names are drawn, and tags are drawn from too', async () => {
  expect(await sayings('x {a|[b|c]}')).toEqual(['x [b|c]', 'x a'])
  expect(await sayings('__animals/{cat|dog}__')).toEqual(['blue cat', 'hound', 'red cat', 'tabby'])
  expect(await sayings('<lora:my__style__v2:1> {b}{c|d}')).toEqual(['<lora:my__style__v2:1> {b}c', '<lora:my__style__v2:1> {b}d'])
})

test('a loop is refused by its names whatever the seed, and so is what never ends', async () => {
  await write('one', 'plain\nplain too\na {b|__loop/two__}')
  await write('loop/two', 'x\n__one__')
  for (const seed of [1, 2, 3])
    await expect(drawn('a __one__', seed)).rejects.toMatchObject({
      code: 'wildcard-loop',
      facts: { way: '__one__ → __loop/two__ → __one__' },
    })
  await expect(drawn(`${'{a|b}'.repeat(5000)}`)).rejects.toMatchObject({ code: 'prompt-endless' })
  expect(await drawn('__../secret__ __/etc/passwd__')).toBe('__../secret__ __/etc/passwd__')
})

test('files are found by name, by pattern and in any folder; a folder that is not there has none', async () => {
  expect(await wildcardNames(folder)).toEqual(expect.arrayContaining(['animals/cat', 'animals/dog', 'colour']))
  const lines = wildcardLines(folder)
  expect(await lines('Colour')).toEqual(['blue', 'red'])
  expect(await lines(String.raw`animals\[cd]o?`)).toEqual(['hound'])
  expect(await wildcardLines(join(folder, 'none'))('a')).toEqual([])
  expect(await wildcardNames(join(folder, 'none'))).toEqual([])
})
