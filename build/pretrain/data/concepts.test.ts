import { expect, test } from 'vitest'
import { familyOf, loadConcepts } from './concepts.ts'
import { joinAlike } from './families.ts'
import { loadIcons } from './icons.ts'

test('variants of one thing share a family', () => {
  const people = ['man detective', 'woman detective', 'detective', 'woman walking: facing right', 'person walking', 'man: beard', 'woman']
  expect(people.map((name) => familyOf(name, true))).toEqual([
    ...Array<string>(3).fill('detective'),
    'walking',
    'walking',
    'person',
    'person',
  ])
  expect(familyOf('six-thirty', false)).toBe(familyOf('four o’clock', false))
})

test('flags, symbols and skin tones are left out', () => {
  const names = new Set(loadConcepts().map(({ name }) => name))
  expect([names.has('rocket'), names.has('flag: France'), names.has('no entry')]).toEqual([true, false, false])
  expect([...names].filter((name) => name.includes('skin tone'))).toEqual([])
})

test('names of every generation find their concept', () => {
  const counts = ['noto', 'noto-v1', 'twemoji', 'emojione', 'fxemoji'].map((style) => loadIcons(style).length)
  expect(counts.map((count) => count >= 700)).toEqual(counts.map(() => true))
  const fx = loadIcons('fxemoji').map(({ concept }) => concept.name)
  expect(['cat face', 'see-no-evil monkey', 'rocket', 'chart decreasing'].filter((name) => !fx.includes(name))).toEqual([])
})

test('families drawn alike are joined, whatever they are called', () => {
  const drawn = (family: string, level: number) => ({ style: 's', family, picture: { rgb: new Uint8Array(12).fill(level) } })
  const families = joinAlike([drawn('b', 100), drawn('a', 101), drawn('c', 200)])
  expect(Object.fromEntries(families)).toEqual({ a: 'a', b: 'a', c: 'c' })
})
