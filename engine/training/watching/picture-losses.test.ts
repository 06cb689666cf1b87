import { expect, test } from 'vitest'
import { randomStream } from '../../tensor/philox.ts'
import { PictureLosses } from './picture-losses.ts'

test('a picture that is learnt badly is told, though it happened to be drawn at easy timesteps', () => {
  const paths = Array.from({ length: 12 }, (_, i) => `${i}.png`)
  const losses = new PictureLosses(paths, 1000)
  const noise = randomStream(1, 'x', 0).uniform(12 * 40)
  for (let n = 0; n < 12 * 40; n++) {
    const picture = n % 12
    // The fifth comes at late timesteps alone, where losses are a tenth; it is twice as bad as others there.
    const timestep = picture === 5 ? 850 + 10 * (n % 7) : 80 * (n % 13)
    losses.add(picture, timestep, (timestep > 700 ? 0.05 : 0.5) * (0.9 + 0.2 * (noise[n] ?? 0)) * (picture === 5 ? 2 : 1))
  }
  const [first, second] = losses.worst()
  expect(first).toMatchObject({ path: '5.png', draws: 16 })
  expect((first?.loss ?? 0) / (second?.loss ?? 1)).toBeGreaterThan(1.25)
  expect(new PictureLosses(paths, 1000, losses.vector).worst()).toEqual(losses.worst())
})

test('pictures beside the set, losses that are none, and too few draws count for nothing', () => {
  const losses = new PictureLosses(['a'], 1000)
  for (let n = 0; n < 3; n++) losses.add(0, 10, 1)
  losses.add(1, 10, 5)
  losses.add(0, 10, NaN)
  expect(losses.worst()).toEqual([])
  losses.add(0, 10, 1)
  expect(losses.worst()).toEqual([{ path: 'a', loss: 1, draws: 4 }])
})
