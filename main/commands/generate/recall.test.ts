import { expect, test } from 'vitest'
import { recall as command } from './recall.ts'

const recall = (said: object) => {
  const usual = { program: '', prompt: '', negative: '', settings: [], loras: [], text: '', form: null, unread: false }
  const parts = {
    drops: { lend: (_: unknown, work: (paths: string[]) => Promise<unknown>) => work(['a.png']) },
    tools: { call: async () => ({ ...usual, ...said }) },
    library: { byName: () => undefined, embeddings: () => [] },
    models: { list: async () => [] },
    places: { inputs: 'none' },
  }
  return command.run(parts as never, { drop: 'd' })
}

test('what a picture says in a way that cannot be read is told by the name of its program, and never becomes a prompt', async () => {
  const foreign = recall({ program: 'ComfyUI', unread: true, text: '{"1":{}}' })
  await expect(foreign).rejects.toMatchObject({ code: 'picture-foreign', facts: { program: 'ComfyUI' } })
  await expect(foreign).rejects.toThrow("is ComfyUI's")
  await expect(recall({ program: 'JSON', unread: true, text: '{"a":1}' })).rejects.toThrow('JSON of a program that is not known here')
  await expect(recall({})).rejects.toMatchObject({ code: 'picture-silent' })
  expect(await recall({ program: 'A1111', prompt: 'a red apple', text: 'a red apple' })).toMatchObject({
    form: { prompt: 'a red apple' },
    missing: [],
  })
})

test('a form of ours comes back as it was, tags in its prompt too, whatever the line beside it says', async () => {
  const form = { prompt: 'a <lora:comic:0.8> fox', negative: 'photo', steps: 6, cfg: 4, seed: 4321, sampler: 'euler', stack: [] }
  const said = { program: 'Pigment', prompt: 'a fox', settings: [['Sampler', 'Euler a']], text: 'a fox', form: JSON.stringify({ form }) }
  expect(await recall(said)).toMatchObject({ form: { ...form, emphasis: 'a1111' }, missing: [] })
})

test('what was written before choices were made comes back beside them, of ours and of A1111', async () => {
  const asked = { prompt: 'a {cat|dog}', negative: '', styles: ['Ink'] }
  const form = { prompt: 'ink of a cat', negative: '', stack: [] }
  expect(await recall({ program: 'Pigment', text: 'a', form: JSON.stringify({ form, asked }) })).toMatchObject({ form, asked })
  const said = { program: 'A1111', prompt: 'a cat', negative: 'b', text: 'a cat' }
  expect(await recall({ ...said, settings: [['Template', 'a {cat|dog}']] })).toMatchObject({
    form: { prompt: 'a cat' },
    asked: { prompt: 'a {cat|dog}', negative: 'b' },
    missing: [],
  })
  expect(await recall(said)).not.toHaveProperty('asked')
})
