// Random fp16 weights of a network in a file, the same for both sides, and the checkpoint around them.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { WeightMap } from '../../../engine/checkpoint/config.ts'
import { openSafetensors } from '../../../engine/files/safetensors.ts'
import { writeSafetensors, type LazyTensorToWrite } from '../../../engine/files/safetensors-write.ts'
import { tensorShapes } from '../../../engine/models/keys/modules.ts'
import { randomStream } from '../../../engine/tensor/philox.ts'
import { elementCount } from '../../../engine/tensor/tensor.ts'
import { modulesOf, type Network } from './cases.ts'

type RandomNetwork = Exclude<Network, 'embedded'>
export const weightFile = (network: RandomNetwork, folder: string): string => join(folder, `${network}.safetensors`)

/** As a layer begins: uniform in ±√(3/fan-in), so that no value grows or dies out. Norms are one and zero. */
export async function writeWeights(network: RandomNetwork, folder: string): Promise<void> {
  const path = weightFile(network, folder)
  if (existsSync(path)) return
  const uniform = randomStream(1, network, 0).uniform(1 << 20)
  const tensors = [...tensorShapes(modulesOf(network))].map(([name, shape]): LazyTensorToWrite => {
    const [, ...window] = shape
    const size = elementCount(shape)
    const data = () => Promise.resolve(bytesOf(shape.length === 1 ? flat(name, size) : spread(uniform, size, elementCount(window))))
    return { name, dtype: 'F16', shape, data }
  })
  await writeSafetensors(path, tensors)
}

const bytesOf = ({ buffer }: Float16Array): Uint8Array => new Uint8Array(buffer as ArrayBuffer)
const flat = (name: string, size: number): Float16Array => new Float16Array(size).fill(name.endsWith('.weight') ? 1 : 0)

function spread(uniform: Float64Array, size: number, fanIn: number): Float16Array {
  const bound = Math.sqrt(3 / fanIn)
  const block = Float16Array.from(uniform, (u) => (2 * u - 1) * bound)
  const out = new Float16Array(size)
  for (let at = 0; at < size; at += block.length) out.set(block.subarray(0, size - at), at)
  return out
}

/** Weights where they lie, by their diffusers names. */
export async function openWeights(network: RandomNetwork, folder: string): Promise<WeightMap> {
  const file = weightFile(network, folder)
  const { entries } = await openSafetensors(file)
  return new Map([...entries].map(([key, { shape, offset, length }]) => [key, { file, dtype: 'float16' as const, shape, offset, length }]))
}
