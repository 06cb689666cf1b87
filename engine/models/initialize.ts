// Fresh parameters for a network that is trained from nothing.
import type { ModuleShape } from './keys/modules.ts'
import { tensorShapes } from './keys/modules.ts'
import type { TensorSource, WeightMap } from '../checkpoint/config.ts'
import { randomStream } from '../tensor/philox.ts'
import { elementCount, type Tensor } from '../tensor/tensor.ts'

/** A weight map that names shapes only, for a graph whose weights are all inputs. */
export function shapesOnly(modules: readonly ModuleShape[]): WeightMap {
  return new Map(
    [...tensorShapes(modules)].map(([key, shape]): [string, TensorSource] => [
      key,
      { file: '', dtype: 'float32', shape, offset: 0, length: 4 * elementCount(shape) },
    ]),
  )
}

/**
 * PyTorch's defaults: weights and biases from U(±1/√fan_in), norms one and zero, embeddings N(0, 0.02²).
 * Weights that `zero` names start at zero, so that a residual branch starts as the identity.
 */
export function initialize(
  modules: readonly ModuleShape[],
  seed: number,
  zero: (key: string) => boolean = () => false,
): Map<string, Tensor> {
  const shapes = tensorShapes(modules)
  const made = new Map<string, Tensor>()
  for (const [key, shape] of shapes) {
    const count = elementCount(shape)
    const weight = shapes.get(key.replace(/\.bias$/, '.weight')) ?? shape
    const random = randomStream(seed, key, 0)
    let data: Float32Array
    if (zero(key)) data = new Float32Array(count)
    else if (/embedding\.weight$/.test(key)) data = random.normal(count).map((value) => value * 0.02)
    else if (weight.length === 1) data = new Float32Array(count).fill(key.endsWith('.weight') ? 1 : 0)
    else {
      const bound = 1 / Math.sqrt(elementCount(weight.slice(1)))
      data = Float32Array.from(random.uniform(count), (u) => (2 * u - 1) * bound)
    }
    made.set(key, { shape, data })
  }
  return made
}
