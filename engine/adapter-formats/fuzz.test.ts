// Spoilt adapter files: an error with file and reason, or sound modules; never a crash. PIGMENT_FUZZ says how many, 500 unless told.
import { rm } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { fuzzed, fuzzFolder } from './testing-fuzz.ts'

const count = Number(process.env.PIGMENT_FUZZ ?? 500)

test(`${count} spoilt files`, { timeout: 60_000 + count * 100 }, async () => {
  const folder = await fuzzFolder()
  const outcomes = []
  for (let i = 0; i < count; i++) outcomes.push(await fuzzed(i, folder))
  await rm(folder, { recursive: true })
  const codes = [...Map.groupBy(outcomes, ({ came }) => came)].map(([code, all]) => `${code} ${all.length}`).toSorted()
  const slowest = Math.max(...outcomes.map(({ milliseconds }) => milliseconds))
  process.stdout.write(`Fuzz: ${count} files; ${codes.join(', ')}; the slowest ${slowest.toFixed(0)} ms.\n`)
  expect(outcomes.filter(({ wrong }) => wrong !== undefined).map(({ what, wrong }) => `${what}: ${wrong}`)).toEqual([])
  expect(codes.length).toBeGreaterThan(8)
  expect(({} as Record<string, unknown>).polluted).toBeUndefined()
})
