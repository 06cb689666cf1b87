// What variants make of tensors against what their own programs merged of the same (build/reference/more_variants.py): linear layers and convolutions,
// read by suffix from a file as any is.
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { keyPart, partBeside } from '../../adapter-formats/key-parts.ts'
import { relativeL2, type Tensor } from '../../tensor/tensor.ts'
import type { AdapterModule } from '../adapter.ts'
import { addTerm, addToBias } from '../term.ts'
import { rolesOf, variantCalled } from './variant.ts'

interface Packed {
  readonly shape: readonly number[]
  readonly data: string
}
interface Merged {
  readonly program: string
  readonly variant: string
  readonly layer: string
  readonly alpha?: number
  readonly base: Packed
  readonly tensors: Readonly<Record<string, Packed>>
  readonly merged: Packed
  readonly bias?: Packed
  readonly mergedBias?: Packed
}
const recorded = (name: string): readonly Merged[] =>
  (JSON.parse(readFileSync(new URL(`./fixtures/${name}.json`, import.meta.url), 'utf8')) as { merged: Merged[] }).merged
const unpacked = ({ shape, data }: Packed): Tensor => ({
  shape,
  data: new Float32Array(Uint8Array.from(Buffer.from(data, 'base64')).buffer),
})

/** As a reader makes it of these tensors. */
function moduleOf({ variant: name, tensors: stored, base, alpha = 1 }: Merged): AdapterModule {
  const variant = variantCalled(name)
  const parts = new Map(
    Object.entries(stored).map(([suffix, packed]) => {
      const part = keyPart(`x${suffix}`) ?? partBeside(`x${suffix}`, () => true)
      if (!part || !('part' in part)) throw new Error(`${suffix} is no part of anything.`)
      return [part.part, { name: `x${suffix}`, packed }] as const
    }),
  )
  const roles = rolesOf(variant).filter((role) => parts.has(role))
  expect(roles).toHaveLength(parts.size)
  const fit = variant.fit(
    base.shape,
    Object.fromEntries(roles.map((role) => [role, { name: parts.get(role)?.name ?? '', shape: parts.get(role)?.packed.shape ?? [] }])),
  )
  if (!('shapes' in fit)) throw new Error(JSON.stringify(fit))
  const tensors = Object.fromEntries(
    roles.map((role) => [
      fit.kept?.[role] ?? role,
      { shape: fit.shapes[role] ?? [], data: unpacked(parts.get(role)?.packed as Packed).data },
    ]),
  )
  const module = { component: 'unet', path: 'x', variant: name, tensors, alpha } as const
  expect(variant.unsound?.(module, base.shape)).toBeUndefined()
  return module
}

const cases = ['ia3', 'full'].flatMap((name) =>
  recorded(name).map((one, i) => [`${one.program}: ${one.variant} of ${one.layer}, ${i}`, one] as const),
)

test.each(cases)('%s', async (_, one) => {
  const [base, merged, bias] = [unpacked(one.base), unpacked(one.merged), one.bias && unpacked(one.bias)]
  const module = moduleOf(one)
  const variant = variantCalled(one.variant)
  const terms = await variant.terms(module, {
    shape: base.shape,
    read: () => Promise.resolve(base),
    ...(bias ? { bias: () => Promise.resolve(bias) } : {}),
  })
  expect(variant.kinds(module)).toEqual(expect.arrayContaining(terms.map(({ kind }) => kind)))
  const data = base.data.slice()
  for (const term of terms) addTerm(data, base, term, 1)
  const minus = (a: Float32Array, b: Float32Array): Float32Array => a.map((value, i) => value - (b[i] ?? 0))
  const change = minus(merged.data, base.data)
  if (change.some((value) => value !== 0)) expect(relativeL2(minus(data, base.data), change)).toBeLessThan(1e-5)
  else expect(data).toEqual(base.data)
  if (!bias || !one.mergedBias) return
  const shifted = bias.data.slice()
  for (const term of terms) addToBias(shifted, term, 1)
  const expected = unpacked(one.mergedBias).data
  expect(Math.max(...minus(shifted, expected).map(Math.abs))).toBeLessThan(1e-6)
})
