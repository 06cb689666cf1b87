import { expect, test } from 'vitest'
import { product } from '../linear-algebra/product.ts'
import { truncatedSvd } from '../linear-algebra/truncated-svd.ts'
import { randomStream } from '../tensor/philox.ts'
import { relativeL2 } from '../tensor/tensor.ts'
import { ProductSession } from './product-session.ts'

const random = (rows: number, columns: number, seed: number) => ({
  rows,
  columns,
  data: randomStream(seed, 'matrix', 0).normal(rows * columns),
})

test('its products, and the truncated SVD that is made with them, are those of plain arithmetic to fp32', async () => {
  await using session = await ProductSession.open()
  const [a, b] = [random(300, 400, 1), random(400, 50, 2)]
  expect(relativeL2((await session.multiply(a, b)).data, product(a, b).data)).toBeLessThan(1e-6)
  // Ten strong directions over noise: those are found alike.
  const strong = product(random(300, 10, 3), random(10, 400, 4))
  const noisy = { ...strong, data: Float32Array.from(strong.data, (value, i) => value + 0.1 * (a.data[i % a.data.length] ?? 0)) }
  const [own, fast] = [await truncatedSvd(noisy, { rank: 10 }), await truncatedSvd(noisy, { rank: 10 }, { multiply: session.multiply })]
  expect(fast.error).toBeCloseTo(own.error, 6)
  own.s.forEach((value, i) => expect((fast.s[i] ?? 0) / value).toBeCloseTo(1, 5))
})
