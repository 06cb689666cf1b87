import { expect, test } from 'vitest'
import { fillTemplate, checkTemplate } from './fill-template.ts'
import { findCaptioner } from './find-captioner.ts'
import { captioned } from './testing.ts'
import { wordsOfName } from './words-of-name.ts'

test('words are taken out of names; counters, cameras and checksums say nothing', () => {
  const said = [
    ['red_fox-running', 'red fox running'],
    ['003_red_fox (2)', 'red fox'],
    ['10_moss', 'moss'],
    ['苔藓.石头', '苔藓 石头'],
    ['cat2', 'cat2'],
    ['house 12', 'house'],
    ['IMG_2031', ''],
    ['DSC00012', ''],
    ['0001', ''],
    ['image (3)', ''],
    ['d41d8cd98f00b204e9800998ecf8427e', ''],
    ['550e8400-e29b-41d4-a716-446655440000', ''],
    ['deadbeef', 'deadbeef'],
  ] as const
  expect(said.map(([name]) => [name, wordsOfName(name)])).toEqual(said)
})

test('what needs no model: the file, the folder, the caption that is there', async () => {
  const one = captioned('/pictures/02_black_cat.PNG', { folder: '10_animals at_night', caption: 'a, b' })
  const say = async (way: string): Promise<string> => {
    const { captioner, files } = await findCaptioner(way)
    await using opened = await captioner.open(files, { threads: 1 })
    return opened.say(one, {})
  }
  expect([await say('filename'), await say('folder'), await say('template')]).toEqual(['black cat', 'animals at night', 'a, b'])
})

test('a template is filled; what is empty takes its comma along, and a place that is not there is refused', () => {
  const facts = { name: 'red_fox.png', folder: '5_forest', trigger: 'inkstyle', tags: 'fox, snow' }
  expect(fillTemplate('{trigger}, {tags}', facts)).toBe('inkstyle, fox, snow')
  expect(fillTemplate('{trigger}, {tags}', { ...facts, trigger: '' })).toBe('fox, snow')
  expect(fillTemplate('a {name} in the {folder} , {trigger} style', facts)).toBe('a red fox in the forest, inkstyle style')
  expect(fillTemplate('{trigger},{tags}', { ...facts, tags: '' })).toBe('inkstyle')
  checkTemplate('{trigger}, {tags}: $1')
  expect(() => checkTemplate('{trigger} {caption}')).toThrow('has no place "{caption}". Write {tags}, {trigger}, {name}, {folder}.')
})
