import { expect, test } from 'vitest'
import { parsePythonJson } from './python-json.ts'

test('what Python writes for no number is null, and stays as it is inside of texts', () => {
  const text = '{"lambda_min_clipped": -Infinity, "a": [NaN, Infinity, 1], "b": "NaN \\" -Infinity", "NaN": 2}'
  expect(parsePythonJson(text)).toEqual({ lambda_min_clipped: null, a: [null, null, 1], b: 'NaN " -Infinity', NaN: 2 })
  expect(parsePythonJson('{"a": 1}')).toEqual({ a: 1 })
})

test.each(['{"a": NaNa}', '{"a": "NaN', '', 'Infinit', '{NaN: 1}'])('what is no JSON otherwise is none: %s', (text) => {
  expect(() => parsePythonJson(text)).toThrow(SyntaxError)
})
