import { expect, test } from 'vitest'
import { keyCaps, keysOf, unfit } from './keys.ts'

const press = (key: string, held: Partial<Record<'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey', boolean>> = {}) =>
  keysOf({ key, ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, ...held })

test('a press is told by its keys in one order, whatever the letter case', () => {
  expect([press('k', { ctrlKey: true }), press('K', { metaKey: true }), press('K', { ctrlKey: true, shiftKey: true })]).toEqual([
    'Ctrl+K',
    'Ctrl+K',
    'Ctrl+Shift+K',
  ])
  expect([press('?', { shiftKey: true }), press(' ', { ctrlKey: true }), press('Enter', { shiftKey: true, ctrlKey: true })]).toEqual([
    '?',
    'Ctrl+Space',
    'Ctrl+Shift+Enter',
  ])
  expect([press('Shift', { shiftKey: true }), press('Control', { ctrlKey: true }), press('Process')]).toEqual([
    undefined,
    undefined,
    undefined,
  ])
})

test('keys are drawn one by one, the plus sign too', () => {
  expect([keyCaps('Ctrl+Shift+Z'), keyCaps('.'), keyCaps('Alt++'), keyCaps('+')]).toEqual([
    ['Ctrl', 'Shift', 'Z'],
    ['.'],
    ['Alt', '+'],
    ['+'],
  ])
})

test('keys of writing, moving, screens and browsers are not given away; letters alone only where nobody writes', () => {
  for (const keys of ['Tab', 'Enter', 'Escape', 'ArrowLeft', 'Ctrl+ArrowUp', 'Ctrl+C', 'Ctrl+1', 'Ctrl+W', 'F5', 'Ctrl+Shift+T', 'Space'])
    expect([keys, unfit(keys, false)]).toEqual([keys, 'taken'])
  expect([unfit('X', true), unfit('Shift+X', true), unfit('X', false)]).toEqual(['letter', 'letter', undefined])
  expect([unfit('Ctrl+J', true), unfit('Alt+G', true), unfit('F2', true), unfit('Ctrl+Alt+Enter', true)]).toEqual(Array(4).fill(undefined))
})
