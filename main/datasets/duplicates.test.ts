import fc from 'fast-check'
import { expect, test } from 'vitest'
import { groupAlike } from './duplicates.ts'

const base = 0x3f00ff0012345678n
const text = (bits: bigint): string => bits.toString(16).padStart(16, '0')
/** The base with some of its bits turned: four at most are alike, five are not. */
const turned = fc
  .uniqueArray(fc.integer({ min: 0, max: 63 }), { maxLength: 7 })
  .map((at) => at.reduce((bits, i) => bits ^ (1n << BigInt(i)), base))

const apart = (a: string, b: string): number => (BigInt(`0x${a}`) ^ BigInt(`0x${b}`)).toString(2).replaceAll('0', '').length

test('groups are those of comparing each with each', () => {
  fc.assert(
    fc.property(fc.array(turned.map(text), { maxLength: 12 }), (hashes) => {
      const groups = groupAlike(hashes.map((hash, i) => [`${i}`, hash]))
      const linked = (i: number, seen = new Set<number>()): Set<number> => {
        seen.add(i)
        for (const [j, hash] of hashes.entries()) if (!seen.has(j) && apart(hashes[i] ?? '', hash) <= 4) linked(j, seen)
        return seen
      }
      for (const i of hashes.keys()) {
        const own = linked(i)
        expect(groups.has(`${i}`)).toBe(own.size > 1)
        for (const j of hashes.keys()) if (own.size > 1) expect(groups.get(`${i}`) === groups.get(`${j}`)).toBe(own.has(j))
      }
    }),
    { numRuns: 200 },
  )
})

test('ten thousand pictures, a third of them blank, take well under a second', () => {
  const hashes = Array.from({ length: 10_000 }, (_, i) => {
    const bits = i % 3 === 0 ? 0n : BigInt.asUintN(64, BigInt(i) * 0x9e3779b97f4a7c15n)
    return [`${i}`, text(bits)] as const
  })
  const began = performance.now()
  expect(groupAlike(hashes).size).toBe(3334)
  expect(performance.now() - began).toBeLessThan(2000)
})
