// The random draws of starts, each from a stream of its layer's own.
import { randomStream } from '../../tensor/philox.ts'
import { sidesOf, type StartAt } from './start.ts'

/** U(±1/√I), (R, I): kaiming's uniform with a = √5. Reference: peft LoraLayer.reset_lora_parameters. */
export function kaiming({ weight, rank, seed, name }: StartAt): Float32Array {
  const [, inputs] = sidesOf(weight)
  const bound = 1 / Math.sqrt(inputs)
  return Float32Array.from(randomStream(seed, `start/${name}`, 0).uniform(rank * inputs), (u) => (2 * u - 1) * bound)
}

/** N(0, std²); `part` tells the draws of a layer apart. */
export const gaussianDraw = ({ seed, name }: StartAt, part: number, length: number, std: number): Float32Array =>
  randomStream(seed, `start/${name}`, part)
    .normal(length)
    .map((z) => z * std)
