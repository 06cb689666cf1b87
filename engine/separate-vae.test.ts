import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { soundModel, writeDiffusers } from './models/testing.ts'
import { generateRequest } from './requests/generate.ts'
import { generate } from './generate.ts'
import { Model } from './sessions/open-model.ts'

test('a picture is decoded by the VAE that is named', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'pigment-vae-'))
  const model = soundModel('sd1')
  const softer = [...model.vae.weights].map(([key, { shape, data }]) => [key, { shape, data: data.map((value) => value / 2) }] as const)
  const [one, two] = [join(folder, 'one'), join(folder, 'two')]
  await writeDiffusers(one, model)
  await writeDiffusers(two, { ...model, vae: { ...model.vae, weights: new Map(softer) } })
  const draw = async (path: string, vae?: string): Promise<Uint8Array> => {
    await using opened = await Model.open(path, { threads: 1, ...(vae ? { vae } : {}) })
    const drawing = generate(opened, generateRequest.parse({ prompt: 'a', steps: 1, width: 64, height: 64 }))
    for (;;) {
      const { done, value } = await drawing.next()
      if (done) return value.rgb
    }
  }
  const [own, other, named] = [await draw(one), await draw(two), await draw(one, join(two, 'vae'))]
  expect(named).toEqual(other)
  expect(named).not.toEqual(own)
  await rm(folder, { recursive: true })
})
