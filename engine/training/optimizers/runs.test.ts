// Optimizers against the programs that have them: recorded by build/reference/optimizer_runs.py.
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import '../../ops/index.ts'
import { elementCount, relativeL2 } from '../../tensor/tensor.ts'
import { optimizers } from './index.ts'

interface Recorded {
  readonly shapes: readonly (readonly number[])[]
  /** Updates after which the parameters are told, counted from 0. */
  readonly shown: readonly number[]
  readonly start: string
  readonly grads: string
  readonly runs: readonly {
    readonly optimizer: string
    readonly options: Readonly<Record<string, number | boolean>>
    readonly rates: readonly number[]
    readonly params: string
    /** What is looked at, where that is not what steps are taken from. */
    readonly results?: string
    readonly told?: readonly number[]
  }[]
}

const recorded = JSON.parse(readFileSync(new URL('./fixtures/runs.json', import.meta.url), 'utf8')) as Recorded
const unpacked = (text: string): Float32Array => new Float32Array(Uint8Array.from(Buffer.from(text, 'base64')).buffer)

let size = 0
const placements = recorded.shapes.map((shape, i) => {
  const offset = size
  size += elementCount(shape)
  return { name: `w${i}`, shape, offset }
})
const grads = unpacked(recorded.grads)

test.each(recorded.runs)(
  'thirty updates of $optimizer are those of its reference, $options',
  async ({ optimizer: name, rates, ...run }) => {
    const optimizer = optimizers.find((one) => one.name === name)
    if (!optimizer) throw new Error(name)
    const theta = unpacked(recorded.start)
    const ranges = [{ from: 0, to: size, rate: 1 }]
    await using state = {
      [Symbol.asyncDispose]: () => Promise.resolve(),
      ...(await optimizer.open(theta, { placements, ranges }, optimizer.options.parse(run.options))),
    }
    const [params, results] = [unpacked(run.params), run.results && unpacked(run.results)]
    for (const [i, lr] of rates.entries()) {
      await state.update(theta, grads.slice(i * size, (i + 1) * size), { lr, step: i + 1 })
      const told = run.told?.[i]
      if (told !== undefined) expect(Math.abs((state.told?.().d ?? NaN) / told - 1)).toBeLessThan(1e-5)
      const at = recorded.shown.indexOf(i)
      if (at < 0) continue
      const row = [at * size, (at + 1) * size] as const
      expect(relativeL2(theta, params.subarray(...row))).toBeLessThan(1e-5)
      if (results) expect(relativeL2(state.result?.(theta) ?? [], results.subarray(...row))).toBeLessThan(1e-5)
    }
  },
)
