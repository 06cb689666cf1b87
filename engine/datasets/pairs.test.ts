import { expect, test } from 'vitest'
import { pairNames } from './pairs.ts'

const read = (...names: string[]): unknown => Object.fromEntries(pairNames(names).pairs.map((pair) => [pair.picture, pair.caption]))
const own = (...names: string[]): unknown => Object.fromEntries(pairNames(names).pairs.map((pair) => [pair.picture, pair.own]))

test('every way of naming a caption finds its picture', () => {
  expect(read('a.png', 'a.txt')).toEqual({ 'a.png': 'a.txt' })
  expect(read('IMG_1.PNG', 'IMG_1.TXT')).toEqual({ 'IMG_1.PNG': 'IMG_1.TXT' })
  expect(read('IMG_1.JPG', 'img_1.txt')).toEqual({ 'IMG_1.JPG': 'img_1.txt' })
  expect(read('a.png', 'a.png.txt')).toEqual({ 'a.png': 'a.png.txt' })
  expect(read('a.png', 'a.caption')).toEqual({ 'a.png': 'a.caption' })
  // macOS takes marks apart.
  expect(read('é.png'.normalize('NFC'), 'é.txt'.normalize('NFD'))).toEqual({ ['é.png'.normalize('NFC')]: 'é.txt'.normalize('NFD') })
  expect(read('a.b.png', 'a.b.txt', 'a.txt')).toEqual({ 'a.b.png': 'a.b.txt' })
})

test('of several the picture’s own comes first, then .txt; and an exact name before one of another case', () => {
  expect(read('a.png', 'a.caption', 'a.TXT', 'a.txt', 'a.png.txt')).toEqual({ 'a.png': 'a.png.txt' })
  expect(read('a.png', 'a.caption', 'a.TXT')).toEqual({ 'a.png': 'a.TXT' })
  expect(read('A.png', 'a.png', 'a.txt')).toEqual({ 'A.png': undefined, 'a.png': 'a.txt' })
})

test('pictures of one stem share a caption, and each is written into one of its own', () => {
  expect(read('x.jpg', 'x.png', 'x.txt')).toEqual({ 'x.jpg': 'x.txt', 'x.png': 'x.txt' })
  expect(own('x.jpg', 'x.png', 'x.txt')).toEqual({ 'x.jpg': 'x.jpg.txt', 'x.png': 'x.png.txt' })
  expect(read('x.jpg', 'x.png', 'x.txt', 'x.png.txt')).toEqual({ 'x.jpg': 'x.txt', 'x.png': 'x.png.txt' })
  expect(own('x.jpg', 'x.png', 'x.txt', 'x.png.txt')).toEqual({ 'x.jpg': 'x.jpg.txt', 'x.png': 'x.png.txt' })
  expect(own('x.jpg', 'x.png')).toEqual({ 'x.jpg': 'x.jpg.txt', 'x.png': 'x.png.txt' })
  expect(own('a.png', 'b.PNG', 'b.TXT')).toEqual({ 'a.png': 'a.txt', 'b.PNG': 'b.TXT' })
})

test('a caption without a picture is alone; one that another goes before is not', () => {
  expect(pairNames(['a.png', 'a.txt', 'a.caption', 'b.txt', 'readme.md', '.c.txt']).alone).toEqual(['b.txt'])
})
