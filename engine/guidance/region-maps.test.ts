import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { relativeL2, type Tensor } from '../tensor/tensor.ts'
import { balancedArgmax, similarityMaps } from './region-maps.ts'
import { wordPositions } from './word-positions.ts'

interface Recorded {
  readonly height: number
  readonly width: number
  readonly positions: readonly (readonly number[])[]
  readonly attention: Tensor
  readonly features: Tensor
  readonly maps: readonly (readonly number[])[]
  readonly owners: readonly number[]
}

test('cells go to the adapters that FreeFuse gives them', async () => {
  const cases = JSON.parse(await readFile(new URL('fixtures/region-maps.json', import.meta.url), 'utf8')) as Recorded[]
  for (const { attention, features, positions, maps, owners, ...size } of cases) {
    const found = similarityMaps(attention, features, positions)
    found.forEach((map, k) => expect(relativeL2(Float32Array.from(map), Float32Array.from(maps[k] ?? []))).toBeLessThan(1e-6))
    expect([...balancedArgmax(found, size)]).toEqual(owners)
  }
  expect(cases.length).toBeGreaterThan(0)
})

test('words are found whole and wherever they stand, and those that say nothing are left out', () => {
  const words = ['<begin>', 'a', 'man', 'in', 'blue', 'and', 'woman', ',', '<end>']
  const tokenizer = { encode: (text: string) => (text.match(/[a-z]+|,/g) ?? []).map((word) => words.indexOf(word)) }
  const ids = tokenizer.encode('x a man in blue and a woman, a man').map((id) => Math.max(0, id))
  expect(wordPositions(tokenizer, ids, ['a man in blue'])).toEqual([2, 4])
  expect(wordPositions(tokenizer, ids, ['a man', 'woman'])).toEqual([2, 7, 10])
  expect(wordPositions(tokenizer, ids, ['in'])).toEqual([3])
  expect(wordPositions(tokenizer, ids, ['blue man', ''])).toEqual([])
})
