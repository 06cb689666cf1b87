// What tests of merging share: adapters of random pairs on a few layers, and their changes by plain loops.
import type { Adapter } from '../adapters/adapter.ts'
import { loraModule, pairOf } from '../adapters/variants/lora.ts'
import type { StackEntry } from '../adapters/stack.ts'
import { randomStream } from '../tensor/philox.ts'
import { elementCount } from '../tensor/tensor.ts'
import type { z } from 'zod'
import { mergeAdapters, type MergeInput, type MergeResult } from './merge.ts'
import type { MergeMethod } from './method.ts'

/** A linear layer, a wide one, a convolution, and one of a text encoder. */
export const layers: Readonly<Record<string, readonly number[]>> = {
  'unet.a': [12, 10],
  'unet.wide': [6, 24],
  'unet.conv': [8, 5, 3, 3],
  'text_encoder.q': [9, 9],
}

/** No layer of its own, but what a difference may stand on. */
export const norm: Readonly<Record<string, readonly number[]>> = { 'unet.norm': [7] }

export function randomAdapter(name: string, rank: number, seed: number, only: readonly string[] = Object.keys(layers)): Adapter {
  const modules = only.map((key) => {
    const [outputs = 0, ...window] = layers[key] ?? []
    const draw = (what: string, shape: readonly number[]) => ({
      shape,
      data: randomStream(seed, `${what} ${key}`, 0).normal(elementCount(shape)),
    })
    const up = draw('up', [outputs, rank, ...window.slice(1).map(() => 1)])
    const dot = key.indexOf('.')
    const component = key.slice(0, dot) as 'unet' | 'text_encoder'
    return loraModule({ component, path: key.slice(dot + 1) }, { up, down: draw('down', [rank, ...window]), alpha: 2 })
  })
  return { name, modules, metadata: {}, skipped: [] }
}

export const entry = (adapter: Adapter, weight = 1, textWeight = weight): StackEntry => ({ adapter, weight, textWeight, enabled: true })

/** ΔW of an adapter in a layer, by its definition. */
export function changeOf({ modules }: Pick<Adapter, 'modules'>, key: string): Float64Array {
  const shape = layers[key] ?? []
  const [outputs = 0, ...window] = shape
  const inputs = elementCount(window)
  const delta = new Float64Array(outputs * inputs)
  for (const module of modules.filter(({ component, path }) => `${component}.${path}` === key)) {
    const { up, down, alpha } = pairOf(module)
    const rank = down.shape[0] ?? 0
    for (let o = 0; o < outputs; o++)
      for (let i = 0; i < inputs; i++)
        for (let r = 0; r < rank; r++)
          delta[o * inputs + i] =
            (delta[o * inputs + i] ?? 0) + (alpha / rank) * (up.data[o * rank + r] ?? 0) * (down.data[r * inputs + i] ?? 0)
  }
  return delta
}

export async function merged<O extends z.ZodObject>(
  method: MergeMethod<O>,
  stack: readonly StackEntry[],
  { options = {}, ...more }: Partial<MergeInput> = {},
): Promise<MergeResult> {
  const work = mergeAdapters({
    stack,
    method: method as unknown as MergeMethod,
    options: method.options?.parse(options) ?? {},
    seed: 0,
    blockOf: () => undefined,
    base: (component, path) => {
      const shape = { ...layers, ...norm }[`${component}.${path}`]
      return shape && { shape, read: () => Promise.reject(new Error('The base is not asked here.')) }
    },
    ...more,
  })
  let turn = await work.next()
  while (!turn.done) turn = await work.next()
  return turn.value
}
