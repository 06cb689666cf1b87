import { expect, test } from 'vitest'
import type { NoiseProcess } from '../../processes/process.ts'
import { trainRequest } from '../../requests/train.ts'
import { randomStream } from '../../tensor/philox.ts'
import { timestepDrawOf } from './timestep-draw.ts'

const drawn = (timestepDrawOptions: Record<string, number> = {}): Float32Array => {
  const request = trainRequest.parse({ dataset: '/set', timestepDraw: 'logit-normal', timestepDrawOptions })
  return timestepDrawOf(request).draw(randomStream(3, 'timestep', 5), 20_000, { asked: { trainSteps: 1000 } } as NoiseProcess)
}
const share = (of: Float32Array, holds: (timestep: number) => boolean): number => of.filter(holds).length / of.length

test('two thirds of the levels lie within one deviation of the middle, which a mean moves towards noise', () => {
  // The logistic function of ±1 is 0.731 and 0.269; of a normal 68.3 % lie between.
  expect(Math.abs(share(drawn(), (t) => t >= 269 && t < 731) - 0.683)).toBeLessThan(0.01)
  const later = drawn({ logitMean: 1, logitDeviation: 0.5 })
  expect(Math.abs(share(later, (t) => t < 731) - 0.5)).toBeLessThan(0.01)
  // Of 0.5 and 1.5: 0.622 and 0.818.
  expect(Math.abs(share(later, (t) => t >= 622 && t < 818) - 0.683)).toBeLessThan(0.01)
})

test('the noisiest step is the last one, whatever is rounded', () => {
  const far = drawn({ logitMean: 10, logitDeviation: 10 })
  expect([Math.min(...far) >= 0, Math.max(...far)]).toEqual([true, 999])
  expect(() => drawn({ logitDeviation: 0 })).toThrow('takes a number above 0 to 10, got 0')
})
