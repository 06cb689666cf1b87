import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { soundModel, writeDiffusers } from '../../../engine/models/testing.ts'
import { generateForm } from '../../api/methods/generate.ts'
import { countPromptTokens } from '../../operations/tools/count-prompt-tokens.ts'
import { remove } from '../styles/remove.ts'
import { save } from '../styles/save.ts'
import { list } from '../styles/list.ts'
import { count } from './count.ts'
import { history } from './history.ts'
import { wildcards } from './wildcards.ts'

let root = ''
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'pigment-prompts-'))
  await writeDiffusers(join(root, 'model'), soundModel('sdxl'))
})
afterAll(() => rm(root, { recursive: true }))

test('tokens are counted for each text encoder; what changes by the call or by the seed is told', async () => {
  const parts = {
    models: { get: async () => ({ path: join(root, 'model') }) },
    library: { embeddings: () => [] },
    tools: { call: (_: string, task: Parameters<typeof countPromptTokens>[0]) => countPromptTokens(task) },
  }
  const counted = (prompt: string) => count.run(parts as never, { prompt, emphasis: 'a1111', steps: 4 })
  const { encoders, varies } = await counted('a b <lora:x:1> BREAK b')
  expect(encoders.map(({ encoder }) => encoder)).toEqual(['text_encoder', 'text_encoder_2'])
  expect(encoders[0]).toMatchObject({
    tokens: 3,
    chunks: [
      { tokens: 2, from: 0, to: 21, ends: 'break' },
      { tokens: 1, from: 21, to: 22 },
    ],
  })
  expect(varies).toBe(false)
  // Of what is said in turn the longest.
  expect(await counted('[a:a b b:0.5]')).toMatchObject({ varies: true, encoders: [{ tokens: 3 }, { tokens: 3 }] })
  expect(await counted('a AND a b')).toMatchObject({ varies: true, encoders: [{ tokens: 2 }, { tokens: 2 }] })
  expect((await counted('{a|b}')).varies).toBe(true)
  expect((await counted('a:2')).varies).toBe(false)
})

test('prompts of the gallery come once each as they were written, the newest first', () => {
  const picture = (id: string, form: object, asked?: object) => ({
    id,
    at: Number(id),
    form: generateForm.parse({ prompt: '', ...form }),
    asked,
  })
  const asked = { prompt: '{a|b} cat', negative: '', styles: ['Ink'] }
  const pictures = [
    picture('4', { prompt: 'a cat' }, asked),
    picture('3', { prompt: 'b cat' }, asked),
    picture('2', { prompt: 'dog' }),
    picture('1', {}),
  ]
  const found = (text: string) => history.run({ gallery: { list: () => pictures } } as never, { text, offset: 0, limit: 10 })
  expect(found('')).toMatchObject({
    total: 2,
    items: [
      { ...asked, at: 4, picture: '4', pictures: 2 },
      { prompt: 'dog', pictures: 1 },
    ],
  })
  expect(found('CAT')).toMatchObject({ total: 1 })
})

test('styles are kept, changed and removed by their names, and wildcards listed', async () => {
  const parts = { places: { root, wildcards: root } } as never
  const style = (prompt: string) => ({ name: 'Ink', prompt, negative: '' })
  expect(await save.run(parts, style('ink'))).toEqual([style('ink')])
  expect(await save.run(parts, style('ink, {prompt}'))).toEqual([style('ink, {prompt}')])
  expect(await list.run(parts, undefined as never)).toEqual([style('ink, {prompt}')])
  await expect(remove.run(parts, { name: 'Oil' })).rejects.toMatchObject({ code: 'style-unknown' })
  expect(await remove.run(parts, { name: 'ink' })).toEqual([])
  await writeFile(join(root, 'Hue.txt'), 'red')
  expect(await wildcards.run(parts, { text: 'hu', offset: 0, limit: 10 })).toEqual({ total: 1, offset: 0, items: ['Hue'] })
})
