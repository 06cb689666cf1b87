import { expect, test } from 'vitest'
import { checkCourse, courseFactors, courseText, curveText, readCourse, readCurve } from './strength-course.ts'

const table = (said: Parameters<typeof readCourse>[0], steps: number) => courseFactors(readCourse(said), steps).map((f) => +f.toFixed(4))

test('start and stop are counted in steps that are over, whole or as a share of them', () => {
  expect(table({}, 4)).toEqual([1, 1, 1, 1])
  expect(table({ start: '2' }, 5)).toEqual([0, 0, 1, 1, 1])
  expect(table({ stop: '2' }, 5)).toEqual([1, 1, 0, 0, 0])
  expect(table({ step: '1-3' }, 5)).toEqual([0, 1, 1, 0, 0])
  expect(table({ start: '0.3', stop: '0.75' }, 10)).toEqual([0, 0, 0, 1, 1, 1, 1, 0, 0, 0])
  expect(table({ start: '9' }, 4)).toEqual([0, 0, 0, 0])
  expect(table({ start: '0', stop: '1.0' }, 3)).toEqual([1, 1, 1])
})

test('curves go from the first to the last step that the adapter acts in', () => {
  expect(table({ curve: 'linear' }, 5)).toEqual([1, 0.75, 0.5, 0.25, 0])
  expect(table({ curve: 'cosine' }, 5)).toEqual([1, 0.8536, 0.5, 0.1464, 0])
  expect(table({ curve: 'constant' }, 3)).toEqual([1, 1, 1])
  expect(table({ curve: '0:1,0.5:0.3' }, 5)).toEqual([1, 0.65, 0.3, 0.3, 0.3])
  expect(table({ curve: '1@0,0.3@0.5' }, 5)).toEqual([1, 0.65, 0.3, 0.3, 0.3])
  expect(table({ curve: 'constant 1@0,0.3@0.5' }, 5)).toEqual([1, 1, 0.3, 0.3, 0.3])
  expect(table({ curve: '0@0,1@1', start: '1', stop: '4' }, 6)).toEqual([0, 0, 0.5, 1, 0, 0])
  // Numbers of steps, from 1, where any is above 1; before the first point and behind the last it stays.
  expect(table({ curve: '1@2,0@4' }, 6)).toEqual([1, 1, 0.5, 0, 0, 0])
  expect(table({ curve: '-2@0' }, 2)).toEqual([-2, -2])
  expect(table({ curve: 'linear' }, 1)).toEqual([1])
})

test('what is written is read back, and what changes nothing is not written', () => {
  for (const text of [':start=3', ':start=0.3:stop=0.75', ':stop=5:curve=cosine', ':curve=constant 1@0,0.3@0.5', ':curve=1@0,0@1'])
    expect(
      courseText(
        readCourse(
          Object.fromEntries(
            text
              .slice(1)
              .split(':')
              .map((part) => part.split('=')),
          ) as object,
        ),
      ),
    ).toBe(text)
  expect(readCourse({ start: '0', stop: '1.0', curve: 'constant' })).toEqual({})
  expect([curveText(readCurve('constant')), curveText(readCurve('1@0,1@1'))]).toEqual([undefined, undefined])
  // Other programs know whole steps alone.
  expect(courseText({ start: 0.3, stop: 0.75 }, 10)).toBe(':start=3:stop=7')
})

test.each([
  [{ start: '5', stop: '5' }, 'strength-steps', 'start after 5 and to stop after 5'],
  [{ step: '0.5-0.25' }, 'strength-steps', 'it would act in no step. Let start be before stop'],
  [{ step: '10' }, 'strength-steps', 'two places with a dash between'],
  [{ start: 'x' }, 'strength-steps', 'a whole number of steps, as 10, or a share of them, as 0.3'],
  [{ stop: '2.5' }, 'strength-steps', '"stop=2.5" of an adapter cannot be read'],
  [{ stop: '-1' }, 'strength-steps', 'a whole number'],
  [{ start: '1.0' }, 'strength-steps', 'none left'],
  [{ curve: '' }, 'strength-curve', 'it is empty'],
  [{ curve: 'bezier' }, 'strength-curve', '"bezier" is no way between points. Give constant, linear, cosine'],
  [{ curve: 'constructor' }, 'strength-curve', 'is no way'],
  [{ curve: '1@0,x' }, 'strength-curve', '"x" is no point'],
  [{ curve: '1@-1' }, 'strength-curve', 'a place must lie between 0 and 1000'],
  [{ curve: '1e9@0' }, 'strength-curve', '"1e9@0" is no point'],
  [{ curve: '101@0' }, 'strength-curve', '101 must lie between -100 and 100'],
  [{ curve: '1@0,'.repeat(41) + '1@1' }, 'strength-curve', 'at most 40'],
] as const)('%o is refused with what may be given', (said, code, why) => {
  const read = () => readCourse(said)
  expect(read).toThrow(why)
  expect(read).toThrow(expect.objectContaining({ code }))
})

test('a share and a step are compared once the steps are counted', () => {
  const course = readCourse({ start: '6', stop: '0.5' })
  expect(courseFactors(course, 20)[6]).toBe(1)
  expect(() => checkCourse(course, 20)).not.toThrow()
  expect(() => checkCourse(course, 10)).toThrow('which of 10 steps are 6 and 5')
  // A further run over a picture may have so few that none is left.
  expect(courseFactors(readCourse({ stop: '0.3' }), 3)).toEqual([0, 0, 0])
})
