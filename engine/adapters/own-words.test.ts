import { expect, test } from 'vitest'
import { stripMetadata } from './metadata.ts'
import { withOwnWords } from './own-words.ts'

test('what an owner says stands in the keys of ModelSpec, over what stood there; what is not said stays', () => {
  const metadata = { 'modelspec.title': 'old', 'modelspec.author': 'a', ss_network_dim: '8' }
  expect(withOwnWords(metadata, { title: ' Black ink ', author: ' ', licence: 'CC0-1.0' })).toEqual({
    'modelspec.title': 'Black ink',
    'modelspec.author': 'a',
    'modelspec.license': 'CC0-1.0',
    ss_network_dim: '8',
  })
  // A stripped file says what was written for it, and nothing else of its owner.
  expect(withOwnWords(stripMetadata(metadata), { licence: 'MIT', thumbnail: 'data:,' })).toEqual({
    'modelspec.license': 'MIT',
    'modelspec.thumbnail': 'data:,',
    ss_network_dim: '8',
  })
})
