import { mkdir } from 'node:fs/promises'
import { afterAll, expect, test } from 'vitest'
import { tinyModel, writeDiffusers } from '../../engine/models/testing.ts'
import { writeSingleFile } from '../../engine/models/testing-single-file.ts'
import { openModel } from './open-model.ts'
import { fakeContext, workFolder } from './testing.ts'

const folder = await workFolder()
afterAll(folder.remove)

test('a single file takes the vocabulary that is named, and says when none of its own is', async () => {
  const [model, single] = [tinyModel('sd1'), folder.at('single.safetensors')]
  await writeDiffusers(folder.at('folder'), model)
  await writeSingleFile(single, model)
  await expect(openModel(fakeContext(), { model: single })).rejects.toMatchObject({
    code: 'tokenizer-mismatch',
    facts: { path: single, known: 20, vocabulary: 49408 },
  })
  await using opened = await openModel(fakeContext(), { model: single, tokenizer: folder.at('folder', 'tokenizer') })
  expect(opened.tokenizer.vocabSize).toBe(20)

  await mkdir(folder.at('empty'))
  await expect(openModel(fakeContext(), { model: single, tokenizer: folder.at('empty') })).rejects.toMatchObject({
    code: 'tokenizer-missing',
  })
})
