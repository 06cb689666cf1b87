import { describe, expect, test } from 'vitest'
import { philox4x32, randomStream } from './philox.ts'

const mean = (x: ArrayLike<number>): number => Array.from(x).reduce((sum, value) => sum + value, 0) / x.length

describe('philox', () => {
  // kat_vectors of Random123 1.14, rows "philox4x32 10".
  test('gives the published known answers', () => {
    expect(philox4x32([0, 0], [0, 0, 0, 0])).toEqual([0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8])
    const ones = 0xffffffff
    expect(philox4x32([ones, ones], [ones, ones, ones, ones])).toEqual([0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd])
    expect(philox4x32([0xa4093822, 0x299f31d0], [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344])).toEqual([
      0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1,
    ])
  })

  test('is pure, and a longer draw extends a shorter one', () => {
    const draw = (n: number): Float32Array => randomStream(7, 'noise', 3).normal(n)
    expect(draw(9)).toEqual(draw(9))
    expect(draw(9)).toEqual(draw(1000).subarray(0, 9))
  })

  test('differs by seed, stream and step, and takes 64-bit seeds', () => {
    const first = (seed: number | bigint, stream: string | number, step: number): number =>
      randomStream(seed, stream, step).uniform(1)[0] ?? 0
    const draws = [first(1, 'a', 0), first(2, 'a', 0), first(1, 'b', 0), first(1, 'a', 1), first(1, 1, 0), first(2n ** 40n + 1n, 'a', 0)]
    expect(new Set(draws).size).toBe(draws.length)
    expect(first(5, 'a', 0)).toBe(first(5n, 'a', 0))
    expect(() => randomStream(0.5, 'a', 0)).toThrow('whole number')
  })

  test('normals have the moments of a normal', () => {
    const x = randomStream(0, 'moments', 0).normal(200_001)
    expect(mean(x)).toBeCloseTo(0, 2)
    expect(mean(x.map((v) => v ** 2))).toBeCloseTo(1, 1)
    expect(mean(x.map((v) => v ** 4))).toBeCloseTo(3, 1)
  })

  test('integers fill [low, high) evenly', () => {
    const counts = new Map<number, number>()
    for (const value of randomStream(1, 't', 0).integers(60_000, -3, 3)) counts.set(value, (counts.get(value) ?? 0) + 1)
    expect([...counts.keys()].sort((a, b) => a - b)).toEqual([-3, -2, -1, 0, 1, 2])
    for (const count of counts.values()) expect(Math.abs(count - 10_000)).toBeLessThan(500)
  })

  test('a permutation holds every index once', () => {
    const order = randomStream(1, 'epoch', 4).permutation(100)
    expect([...order]).not.toEqual([...order].sort((a, b) => a - b))
    expect(new Set(order).size).toBe(100)
    expect(Math.max(...order)).toBe(99)
  })
})
