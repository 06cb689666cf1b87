// What peft, KnOTS, TSV-M and Iso-C make of the same adapters, recorded by build/reference/merging.py.
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { loraModule } from '../../adapters/variants/lora.ts'
import { relativeL2 } from '../../tensor/tensor.ts'
import { changeOf, entry, layers, merged } from '../testing.ts'
import { mergeMethods } from './index.ts'
import { concat } from './concat.ts'

interface Recorded {
  readonly rank: number
  readonly sources: readonly {
    readonly alpha: number
    readonly weight: number
    readonly layers: Readonly<Record<string, { readonly down: string; readonly up: string }>>
  }[]
  readonly cases: readonly {
    readonly method: string
    readonly options: Readonly<Record<string, number | string>>
    readonly weights?: readonly number[]
    readonly merged: Readonly<Record<string, string>>
    readonly masks?: readonly string[]
  }[]
}
const recorded = JSON.parse(readFileSync(new URL('../fixtures/reference.json', import.meta.url), 'utf8')) as Recorded
const bytes = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'base64'))
const floats = (text: string): Float32Array => new Float32Array(bytes(text).buffer)

const adapters = recorded.sources.map(({ alpha, layers: own }, i) => ({
  name: String(i),
  metadata: {},
  skipped: [],
  modules: Object.entries(own).map(([key, { down, up }]) => {
    const [outputs = 0, ...window] = layers[key] ?? []
    const pair = {
      down: { shape: [recorded.rank, ...window], data: floats(down) },
      up: { shape: [outputs, recorded.rank, ...window.slice(1).map(() => 1)], data: floats(up) },
      alpha,
    }
    return loraModule({ component: 'unet', path: key.slice('unet.'.length) }, pair)
  }),
}))

for (const { method: name, options, weights, merged: expected, masks = [] } of recorded.cases)
  test(`${name} ${JSON.stringify(options)} gives the recorded changes`, async () => {
    const method = name === 'peft-cat' ? concat : mergeMethods.find((one) => one.name === name)
    if (!method) throw new Error(`There is no method ${name}.`)
    const stack = adapters.map((adapter, i) => entry(adapter, weights?.[i] ?? recorded.sources[i]?.weight))
    const { rank, ...own } = options
    let drawn = 0
    const { modules } = await merged(
      { ...method, merge: (layer, told) => method.merge(layer, told, () => bytes(masks[drawn++] ?? '')) },
      stack,
      { options: own, ...(typeof rank === 'number' ? { rank } : {}) },
    )
    for (const [key, values] of Object.entries(expected))
      expect(relativeL2(changeOf({ modules }, key), floats(values)), key).toBeLessThan(1e-5)
    expect(drawn).toBe(masks.length)
  })
