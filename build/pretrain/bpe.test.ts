import { expect, test } from 'vitest'
import { addWholeWords, encodeWord, endToken, startToken, trainMerges, vocabularyOf, words } from './bpe.ts'

const merges = trainMerges(new Map(Object.entries({ cat: 5, car: 4, dog: 1 })), 3)
const ranks = (list: typeof merges) => new Map(list.map((pair, rank) => [pair.join(' '), rank]))

test('the commonest pairs merge first, and the word end is part of the last character', () => {
  expect(merges).toEqual([
    ['c', 'a'],
    ['ca', 't</w>'],
    ['ca', 'r</w>'],
  ])
  expect(encodeWord('cart', ranks(merges))).toEqual(['ca', 'r', 't</w>'])
})

test('whole words added at the end leave the others alone', () => {
  const more = addWholeWords(merges, ['catdog'])
  expect(['catdog', 'cat', 'car', 'dog'].map((word) => encodeWord(word, ranks(more)).join(' '))).toEqual([
    'catdog</w>',
    'cat</w>',
    'car</w>',
    'd o g</w>',
  ])
})

test('the vocabulary is in the order of CLIP: 256 bytes, the same ending a word, merges, start, end', () => {
  const vocabulary = vocabularyOf(merges)
  const ids = ['!', 'Ā', '!</w>', 'ca', startToken, endToken].map((token) => vocabulary[token])
  expect(ids).toEqual([0, 188, 256, 512, 515, 516])
})

test('text is cut as CLIP cuts it', () => {
  expect(words("Woman's 12 hats, o'clock")).toEqual(['woman', "'s", '1', '2', 'hats', ',', 'o', "'", 'clock'])
})
