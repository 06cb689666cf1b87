import { expect, test } from 'vitest'
import { adapterFilter, chosenAdapters, type AdapterFilter } from './adapter-filter.ts'
import { warningsOf } from './adapter-warnings.ts'
import type { AdapterCard } from './methods/library.ts'

const card = (name: string, more: Partial<AdapterCard> = {}): AdapterCard => ({
  ...{
    id: name,
    kind: 'adapter',
    name,
    title: name,
    triggers: [],
    triggerSets: [],
    family: 'sd1',
    base: 'SD',
    width: 768,
    format: 'kohya',
  },
  ...{ ranks: [4], layers: 1, bytes: 1, source: 'imported', folder: '', watched: false, tags: [], notes: '', rating: 0, favourite: false },
  ...{ media: 'm', at: 0, used: { pictures: 0, last: 0 }, content: name, leftOut: 0, besideBroken: 0 },
  ...more,
})
const cards = [
  card('ink', {
    tags: ['line', 'black and white'],
    rating: 4,
    favourite: true,
    at: 3,
    used: { pictures: 1, last: 5 },
    triggers: ['inky style'],
  }),
  card('moss', { family: 'sdxl', width: 2048, folder: 'plants/small', at: 2, notes: 'Soft green.', rating: 5, content: 'same' }),
  card('fern', { family: 'sdxl', width: 2048, folder: 'plants', at: 1, content: 'same', triggerSets: [{ name: 'Wet', words: 'dew' }] }),
  card('words', { kind: 'embedding', at: 0, content: '', title: 'A title', error: { code: 'pickle-refused', message: 'No.', facts: {} } }),
]
const found = (filter: Partial<AdapterFilter>): string[] => chosenAdapters(cards, adapterFilter.parse(filter)).map(({ name }) => name)
const said = (text: string): string[] => found({ text })

test('all words must be found, anywhere or in the field that is named; what is no field is a word', () => {
  expect(said('')).toEqual(['ink', 'moss', 'fern', 'words'])
  expect(said('INK line')).toEqual(['ink'])
  expect(said('tag:line')).toEqual(['ink'])
  expect(said('tag:"black and"')).toEqual(['ink'])
  expect(said('family:sdxl soft')).toEqual(['moss'])
  expect(said('trigger:dew')).toEqual(['fern'])
  expect(said('folder:plants rating:5')).toEqual(['moss'])
  expect(said('rating:4')).toEqual(['ink', 'moss'])
  expect(said('name:title')).toEqual(['words'])
  expect(said('http://x')).toEqual([])
  expect(said('('.repeat(400))).toEqual([])
})

test('fields narrow, folders hold what is in them, and orders are those of screens', () => {
  expect(found({ family: 'sdxl' })).toEqual(['moss', 'fern'])
  expect([found({ folder: 'plants' }), found({ folder: 'plants/small' }), found({ folder: 'plan' })]).toEqual([
    ['moss', 'fern'],
    ['moss'],
    [],
  ])
  expect(found({ favourite: true })).toEqual(['ink'])
  expect(found({ kind: 'embedding' })).toEqual(['words'])
  expect(found({ twice: true })).toEqual(['moss', 'fern'])
  expect(found({ broken: true })).toEqual(['words'])
  expect(found({ tag: 'line', rating: 5 })).toEqual([])
  expect([found({ sort: 'name' }), found({ sort: 'rating' }), found({ sort: 'used' })]).toEqual([
    ['words', 'fern', 'ink', 'moss'],
    ['moss', 'ink', 'fern', 'words'],
    ['ink', 'moss', 'fern', 'words'],
  ])
})

test('before it is used: another model, parts that are not used, a pickle, a damaged file', () => {
  const codes = (one: AdapterCard, model?: Parameters<typeof warningsOf>[1]): string[] => warningsOf(one, model).map(({ code }) => code)
  const [ink, moss, , pickle] = cards as [AdapterCard, AdapterCard, AdapterCard, AdapterCard]
  const small = { family: 'sd1', width: 256, name: 'small' }
  const usual = { family: 'sd1', width: 768, name: 'usual' }
  expect([codes(ink, usual), codes(ink, small), codes(moss, usual), codes(ink)]).toEqual([
    [],
    ['adapter-other-model'],
    ['adapter-other-model'],
    [],
  ])
  // Where the width is not known, the family's name decides; where neither is, nothing is said.
  expect([codes({ ...moss, width: 0 }, usual), codes({ ...ink, width: 0 }, small), codes({ ...ink, width: 0, family: '' }, small)]).toEqual(
    [['adapter-other-model'], [], []],
  )
  expect([codes({ ...ink, leftOut: 2 }, usual), codes(pickle, small)]).toEqual([['adapter-left-out'], ['adapter-pickle']])
  expect(codes({ ...ink, layers: 0 }, usual)).toEqual(['adapter-acts-nowhere'])
  expect(codes({ ...ink, error: { code: 'safetensors-truncated', message: 'Cut.', facts: {} } })).toEqual(['adapter-damaged'])
})
