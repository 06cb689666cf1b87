import { expect, test } from 'vitest'
import { foldersInside, stepsTo } from './folder-tree.ts'

const folders = ['', 'styles', 'styles/ink', 'styles/ink', 'styles/v10', 'styles/v2', 'Lora/places', 'stylesheets']

test('each step down is offered with what lies in it and deeper; names that begin alike are not each other’s', () => {
  expect(foldersInside(folders)).toEqual([
    { way: 'Lora', name: 'Lora', count: 1 },
    { way: 'styles', name: 'styles', count: 5 },
    { way: 'stylesheets', name: 'stylesheets', count: 1 },
  ])
  expect(foldersInside(folders, 'styles').map(({ way, count }) => [way, count])).toEqual([
    ['styles/ink', 2],
    ['styles/v2', 1],
    ['styles/v10', 1],
  ])
  expect(foldersInside(folders, 'styles/ink')).toEqual([])
})

test('the way back leads over every folder, and from the top nowhere', () => {
  expect(stepsTo('Lora/places/night')).toEqual([
    { way: 'Lora', name: 'Lora' },
    { way: 'Lora/places', name: 'places' },
    { way: 'Lora/places/night', name: 'night' },
  ])
  expect(stepsTo('')).toEqual([])
})

test('a thousand adapters in folders of folders', () => {
  const many = Array.from({ length: 1000 }, (_, i) => `of ${i % 10}/${i % 100}/deep/deeper/${i}`)
  expect(foldersInside(many).map(({ count }) => count)).toEqual(Array.from({ length: 10 }, () => 100))
  expect(foldersInside(many, 'of 3')).toHaveLength(10)
  expect(foldersInside(many, 'of 3/13/deep/deeper')).toHaveLength(10)
})
