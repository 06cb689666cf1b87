import { mkdir, writeFile } from 'node:fs/promises'
import { afterAll, expect, test } from 'vitest'
import { tinyModel, writeDiffusers } from '../../engine/models/testing.ts'
import { writeSingleFile } from '../../engine/models/testing-single-file.ts'
import { generateRequest } from '../../engine/requests/generate.ts'
import { generateForm } from '../api/methods/generate.ts'
import { trainingForm } from '../api/methods/training.ts'
import { publishedDefaults } from '../../engine/models/published-defaults.ts'
import { embeddedDefaults } from '../places/embedded-defaults.ts'
import { embeddedPath } from '../places/embedded.ts'
import { defaultsAt } from './defaults-at.ts'
import { doneHere } from '../cli/done-here.ts'
import { generate as generateCommand } from '../commands/generate.ts'
import { train as trainCommand } from '../commands/train.ts'
import { infotext } from './picture-settings.ts'
import { openModel } from './open-model.ts'
import { fakeContext, workFolder } from './testing.ts'

const [generate, train] = [doneHere(generateCommand), doneHere(trainCommand)]

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

test('the noise schedule is that of the file that is named, and a file that is none is told', async () => {
  const scheduler = folder.at('schedule.json')
  await writeFile(scheduler, JSON.stringify({ beta_schedule: 'linear', num_train_timesteps: 500 }))
  const given = { model: folder.at('single.safetensors'), tokenizer: folder.at('folder', 'tokenizer') }
  await using opened = await openModel(fakeContext(), { ...given, scheduler })
  expect(opened.checkpoint.schedule).toMatchObject({ betaSchedule: 'linear', trainSteps: 500 })
  // As training asks for it, and drawing with what came of it.
  await using zero = await openModel(fakeContext(), { ...given, prediction: 'v_prediction', zeroTerminalSnr: true })
  expect([zero.process.prediction, zero.process.snr(999)]).toEqual(['v_prediction', 0])
  await expect(openModel(fakeContext(), { ...given, zeroTerminalSnr: true })).rejects.toMatchObject({ code: 'zero-snr-prediction' })
  for (const command of [generate, train]) expect(Object.keys(command.input.shape)).toContain('zeroTerminalSnr')
  const missing = folder.at('nowhere.json')
  await expect(openModel(fakeContext(), { ...given, scheduler: missing })).rejects.toMatchObject({ code: 'file-not-found' })
})

test('the VAE is that which is named, by the terminal and by the studio', async () => {
  const vae = folder.at('folder', 'vae')
  const given = { model: folder.at('single.safetensors'), tokenizer: folder.at('folder', 'tokenizer') }
  await using opened = await openModel(fakeContext(), { ...given, vae })
  expect(opened.checkpoint.vaePath).toBe(vae)
  for (const command of [generate, train]) expect(Object.keys(command.input.shape)).toContain('vae')
  expect(generateForm.parse({ prompt: 'a', vae })).toMatchObject({ vae })
  expect(trainingForm.parse({ name: 'a', dataset: 'd', vae })).toMatchObject({ vae })
  const loras: never[] = []
  const made = { width: 8, height: 8, asked: opened.process.asked, model: 'm', loras }
  const request = generateRequest.parse({ prompt: 'a' })
  expect(infotext(request, { ...made, vaePath: '/vaes/soft.safetensors' })).toContain(', VAE: soft.safetensors, ')
  expect(infotext(request, { ...made, vaePath: '/models/ink/vae' })).toContain(', VAE: ink/vae, ')
  expect(infotext(request, made)).not.toContain('VAE')
})

test('defaults are those of the model that is named', async () => {
  const models = [{}, { model: embeddedPath }, { model: folder.at('folder') }]
  expect(await Promise.all(models.map(defaultsAt))).toEqual([embeddedDefaults, embeddedDefaults, publishedDefaults])
})
