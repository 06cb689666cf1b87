import { expect, test } from 'vitest'
import type { NoiseProcess } from '../../processes/process.ts'
import { trainRequest } from '../../requests/train.ts'
import { randomStream } from '../../tensor/philox.ts'
import { timestepDraws } from './index.ts'
import { timestepDrawOf } from './timestep-draw.ts'

const process = { asked: { trainSteps: 1000 } } as NoiseProcess
const drawn = (timestepDraw: string, count = 2000): Float32Array => {
  const request = trainRequest.parse({ dataset: '/set', timestepDraw })
  return timestepDrawOf(request).draw(randomStream(3, 'timestep', 5), count, process)
}

test.each(timestepDraws.map(({ name }) => name))('%s gives whole timesteps of the process, and the same ones again', (name) => {
  const timesteps = drawn(name)
  expect(timesteps.every((t) => Number.isInteger(t) && t >= 0 && t < 1000)).toBe(true)
  expect(drawn(name)).toEqual(timesteps)
})

test('uniform is the draw of whole numbers that runs have always had, and the usual one', () => {
  expect(drawn('uniform', 50)).toEqual(Float32Array.from(randomStream(3, 'timestep', 5).integers(50, 0, 1000)))
  expect(trainRequest.parse({ dataset: '/set' }).timestepDraw).toBe('uniform')
})
