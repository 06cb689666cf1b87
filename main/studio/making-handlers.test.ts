import { expect, test } from 'vitest'
import { generateHandlers } from './making-handlers.ts'

const recall = (said: object) => {
  const usual = { program: '', prompt: '', negative: '', settings: [], loras: [], text: '', form: null, unread: false }
  const parts = {
    drops: { lend: (_: unknown, work: (paths: string[]) => Promise<unknown>) => work(['a.png']) },
    tools: { call: async () => ({ ...usual, ...said }) },
    library: { byName: () => undefined },
    models: { list: async () => [] },
  }
  return generateHandlers(parts as never).recall({ drop: 'd' } as never)
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
