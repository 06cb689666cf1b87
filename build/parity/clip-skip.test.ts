// Text encoders read at another layer, against transformers (build/reference/clip_skip.py).
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { heardText } from '../../engine/models/heard-text.ts'
import { Model } from '../../engine/sessions/open-model.ts'
import { relativeL2 } from '../../engine/tensor/tensor.ts'
import { RecordedCase } from './recorded-case.ts'

const fixtures = fileURLToPath(new URL('../../engine/', import.meta.url))
interface Case {
  readonly case: string
  readonly clipSkip: number
  readonly layers: number
  readonly states: readonly number[]
}
const { prompt, every, cases } = JSON.parse(readFileSync(`${fixtures}models/fixtures/clip-skip.json`, 'utf8')) as {
  prompt: string
  every: number
  cases: readonly Case[]
}

test.each([...Map.groupBy(cases, (one) => one.case)])('%s: the states of each layer, for pictures and for training', async (name, all) => {
  await using recorded = await RecordedCase.open(`${fixtures}fixtures/reference/${name}`)
  const path = recorded.layouts.diffusers ?? ''
  await using model = await Model.open(path, { threads: 1 })
  const frame = (data: Float32Array, { states }: Case): Float32Array => data.filter((_, i) => i % every === 0).subarray(0, states.length)
  for (const one of all) {
    const { context } = await model.encodePrompts([prompt], { clipSkip: one.clipSkip })
    expect(relativeL2(frame(context.data, one), one.states)).toBeLessThan(5e-6)
  }
  const last = all.at(-1) as Case
  const usual = (await model.encodePrompts([prompt])).context.data
  expect(relativeL2(frame(usual, last), last.states)).toBeGreaterThan(0.1)
  // A run opens the model so, and its steps and its own pictures follow.
  await using trained = await Model.open(path, { threads: 1, clipSkip: last.clipSkip })
  expect(relativeL2(frame((await trained.encodePrompts([prompt])).context.data, last), last.states)).toBeLessThan(5e-6)
  const [encoder] = trained.checkpoint.textEncoders
  const read = model.checkpoint.textEncoders[0]?.config.skip ?? 1
  expect(encoder && heardText(encoder, false).config.layers).toBe(last.layers - read)
  const deep = model.encodePrompts([prompt], { clipSkip: 12 })
  await expect(deep).rejects.toMatchObject({ code: 'clip-skip-deep', facts: { clipSkip: 12 } })
  expect((await model.encodePrompts([prompt])).context.data).toEqual(usual)
})
