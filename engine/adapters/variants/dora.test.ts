// DoRA against what peft and LyCORIS made of the same tensors (build/reference/dora.py).
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { relativeL2 } from '../../tensor/tensor.ts'
import type { AdapterModule } from '../adapter.ts'
import { addTerm } from '../term.ts'
import { dora } from './dora.ts'
import { unpacked, type Packed } from './testing-recorded.ts'
import { expectTrained } from './testing-trained.ts'

type Parts = Readonly<Record<'down' | 'up' | 'magnitude', Packed>>
interface Merged extends Parts {
  readonly program: string
  readonly layer: string
  readonly alpha: number
  readonly base: Packed
  readonly merged: Packed
}
const recorded = JSON.parse(readFileSync(new URL('./fixtures/dora.json', import.meta.url), 'utf8')) as {
  readonly merged: readonly Merged[]
  readonly training: { readonly base: { readonly conv: { readonly weight: Packed } } }
}
const roles = ['down', 'up', 'magnitude'] as const

/** A module as a reader makes it of tensors of these names and shapes. */
function moduleOf(weight: readonly number[], parts: Parts, alpha: number, magnitudeName: string): AdapterModule {
  const fit = dora.fit(weight, {
    down: { name: 'x.down', shape: parts.down.shape },
    up: { name: 'x.up', shape: parts.up.shape },
    magnitude: { name: `x${magnitudeName}`, shape: parts.magnitude.shape },
  })
  expect(fit).toMatchObject({ accepted: ['magnitude'] })
  const shapes = 'shapes' in fit ? fit.shapes : {}
  const tensors = Object.fromEntries(roles.map((role) => [role, { shape: shapes[role] ?? [], data: unpacked(parts[role]).data }]))
  return { component: 'unet', path: 'x', variant: 'dora', tensors, alpha }
}

describe('W′', () => {
  test.each(recorded.merged.map((one) => [`${one.program}: ${one.layer}`, one] as const))('%s', async (_, one) => {
    const [base, merged] = [unpacked(one.base), unpacked(one.merged)]
    const module = moduleOf(base.shape, one, one.alpha, one.program === 'peft' ? '.lora_magnitude_vector' : '.dora_scale')
    const terms = await dora.terms(module, { shape: base.shape, read: () => Promise.resolve(base) })
    expect(terms.map(({ kind }) => kind)).toEqual(dora.kinds(module))
    const folded = (weight: number): Float32Array => {
      const data = base.data.slice()
      for (const term of terms) addTerm(data, base, term, weight)
      return data
    }
    const difference = (weight: Float32Array): Float32Array => weight.map((value, i) => value - (base.data[i] ?? 0))
    expect(relativeL2(difference(folded(1)), difference(merged.data))).toBeLessThan(1e-5)
    // ComfyUI's meaning of a strength: so much of the way from W to W′.
    const part = base.data.map((value, i) => value - 0.4 * ((merged.data[i] ?? 0) - value))
    expect(relativeL2(difference(folded(-0.4)), difference(part))).toBeLessThan(1e-5)
  })
})

test('magnitudes by input are told from those by output, and PEFT cannot hold them', () => {
  const by = (name: string) => recorded.merged.find(({ program, layer }) => program === name && layer === 'linear') as Merged
  const module = (one: Merged) => moduleOf(one.base.shape, one, one.alpha, '.dora_scale')
  const shapeOf = (one: Merged) => module(one).tensors.magnitude?.shape
  expect([shapeOf(by('lycoris')), shapeOf(by('lycoris, by input'))]).toEqual([[5, 1], [1, 6]]) // prettier-ignore
  expect(dora.stored?.(module(by('lycoris, by input')), 'peft')).toMatchObject({ no: expect.stringContaining('by output') as unknown })
  expect(dora.stored?.(module(by('lycoris')), 'peft')).toMatchObject({ magnitude: { shape: [5] } })
  const square = { down: { name: 'a', shape: [2, 4] }, up: { name: 'b', shape: [4, 2] } }
  expect(dora.fit([4, 4], { ...square, magnitude: { name: 'x.dora_scale', shape: [1, 4] } })).toMatchObject({
    shapes: { magnitude: [1, 4] },
  })
  expect(dora.fit([4, 4], { ...square, magnitude: { name: 'x.magnitude', shape: [4] } })).toMatchObject({ shapes: { magnitude: [4, 1] } })
  expect(dora.fit([4, 4], { ...square, magnitude: { name: 'x.dora_scale', shape: [3, 1] } })).not.toHaveProperty('accepted')
})

test('trains as peft does: gradients of the first step, and thirty steps with AdamW', async () => {
  await expectTrained(dora, { ...recorded.training, rank: 2 })
})

test('a magnitude starts as the norm of its row, so that a fresh one changes nothing', async () => {
  const weight = unpacked(recorded.training.base.conv.weight)
  const made = dora.training.create({ component: 'unet', path: 'x', weight: weight.shape }, { rank: 2 })
  const start = made.find(({ role }) => role === 'magnitude')?.start
  expect(start?.kind).toBe('from-base')
  const data = start?.kind === 'from-base' ? start.of(weight) : new Float32Array()
  const [down, up] = [
    { shape: [2, 3, 3, 3], data: new Float32Array(54).fill(1) },
    { shape: [4, 2, 1, 1], data: new Float32Array(8) },
  ]
  const module = { component: 'unet', path: 'x', variant: 'dora', tensors: { down, up, magnitude: { shape: [4, 1, 1, 1], data } }, alpha: 2 } as const // prettier-ignore
  const [gain] = await dora.terms(module, { shape: weight.shape, read: () => Promise.resolve(weight) })
  for (const value of gain?.kind === 'gain' ? gain.by : [NaN]) expect(value).toBeCloseTo(1, 6)
})
