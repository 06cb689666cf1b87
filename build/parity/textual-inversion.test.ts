import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { checkFit } from '../../engine/embeddings/fit.ts'
import { readEmbeddings } from '../../engine/embeddings/read.ts'
import { openSafetensors, readTensor } from '../../engine/files/safetensors.ts'
import { Model } from '../../engine/sessions/open-model.ts'
import { relativeL2 } from '../../engine/tensor/tensor.ts'
import { RecordedCase } from './recorded-case.ts'

const fixtures = fileURLToPath(new URL('../../engine/fixtures/', import.meta.url))
const folder = `${fixtures}textual-inversion/`
const prompts = JSON.parse(readFileSync(`${folder}prompts.json`, 'utf8')) as [string, string][]
const cases = readdirSync(folder).filter((name) => !name.endsWith('.json'))

it('the three families are recorded', () => {
  expect(cases).toEqual(['sd1-eps', 'sd2-v', 'sdxl'])
})

it.each(cases)('%s: prompts with embeddings of one vector and of three are encoded as diffusers encodes them', async (name) => {
  await using recorded = await RecordedCase.open(`${fixtures}reference/${name}`)
  await using model = await Model.open(recorded.layouts.diffusers ?? '', { threads: 1 })
  const toy = await readEmbeddings(`${folder}${name}/cat-toy.safetensors`, '<cat-toy>')
  const embeddings = [...toy, ...(await readEmbeddings(`${folder}${name}/ink.safetensors`))]
  for (const one of embeddings) checkFit(one, model.checkpoint)
  const golden = await openSafetensors(`${folder}${name}/encoded.safetensors`)
  const errors: number[] = []
  for (const [n, pair] of prompts.entries())
    for (const [role, prompt] of [['context', pair[0]] as const, ['negative', pair[1]] as const]) {
      const { context, pooled } = await model.encodePrompts([prompt], { embeddings })
      const expected = await readTensor(golden, `${n}/${role}`)
      expect(context.shape).toEqual([1, ...expected.shape])
      errors.push(relativeL2(context.data, expected.data))
      if (pooled && role === 'context') errors.push(relativeL2(pooled.data, (await readTensor(golden, `${n}/pooled`)).data))
    }
  expect(errors).toHaveLength(name === 'sdxl' ? 9 : 6)
  expect(Math.max(...errors)).toBeLessThan(1e-5)
  const [first] = prompts
  const plain = await model.encodePrompts([first?.[0] ?? ''])
  expect(relativeL2(plain.context.data, (await readTensor(golden, '0/context')).data)).toBeGreaterThan(0.01)
})
