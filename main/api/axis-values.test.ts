import { expect, test } from 'vitest'
import { axisWords, numbersOf } from './axis-values.ts'

test('a list is parted by commas and lines; quotes hold both, and are doubled within', () => {
  expect(axisWords('fox, wolf,bear')).toEqual(['fox', 'wolf', 'bear'])
  expect(axisWords('"a fox, red", "say ""hi""", owl\nelk')).toEqual(['a fox, red', 'say "hi"', 'owl', 'elk'])
  expect(axisWords(' , ,')).toEqual([])
  expect(() => axisWords('"a fox, red')).toThrow('has no end')
})

test('ranges are those of A1111: steps of one, of another size, and so many values', () => {
  const whole = (word: string) => numbersOf(word, true)
  const float = (word: string) => numbersOf(word, false)
  expect(whole('1-5')).toEqual([1, 2, 3, 4, 5])
  expect(whole('1-10(+2)')).toEqual([1, 3, 5, 7, 9])
  expect(whole('10-1 (-3)')).toEqual([10, 7, 4, 1])
  // np.linspace, whose values A1111 makes whole by int().
  expect(whole('1-10[5]')).toEqual([1, 3, 5, 7, 10])
  expect(whole('-3--1')).toEqual([-3, -2, -1])
  expect(whole('-2-1')).toEqual([-2, -1, 0, 1])
  expect(float('0-1[3]')).toEqual([0, 0.5, 1])
  expect(float('0.1-0.4(+0.1)')).toEqual([0.1, 0.2, 0.3, 0.4])
  expect(float('-.5')).toEqual([-0.5])
  expect(whole('-1')).toEqual([-1])
  expect(whole('fox')).toBeUndefined()
})

test('a range that has no end, or never comes to it, says so', () => {
  for (const word of ['1-', '1-10(+0)', '1-10(-1)', '1-10[0]', '1-99999', '5-1', '1-[3]'])
    expect(() => numbersOf(word, true), word).toThrow(`The range "${word}" is none`)
})
