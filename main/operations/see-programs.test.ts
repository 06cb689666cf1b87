import { rm } from 'node:fs/promises'
import { basename } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { findPrograms } from './find-programs.ts'
import type { Surroundings } from './programs/program.ts'
import { seePrograms } from './see-programs.ts'
import { fakeContext, never, workFolder } from './testing.ts'
import { writePrograms } from './testing-programs.ts'
import { skimModel } from './tools/skim-model.ts'

const folder = await workFolder()
const home = folder.at('home')
const where: Surroundings = { home, environment: {}, platform: 'linux', roots: [home] }
beforeAll(() => writePrograms(home))
afterAll(folder.remove)

const seen = async () => seePrograms(await findPrograms(where), never)

test('programs are found where people have them, each with what it keeps or is told to look at', async () => {
  const found = (await seen()).map(({ program, models }) => [program, models.map(({ path }) => basename(path)).sort()])
  expect(Object.fromEntries(found.filter(([, names]) => names?.length))).toEqual({
    a1111: ['ink.safetensors', 'neg.safetensors', 'old.ckpt', 'soft.safetensors', 'v1.safetensors'],
    // What A1111 has is A1111's, though it is named here too; the circle ends, and of two ways to a file that in its own folder counts.
    comfyui: ['comfy.safetensors', 'comic.safetensors', 'gone.safetensors', 'linked.safetensors'],
    invokeai: ['painter'],
    'stability-matrix': ['matrix.safetensors'],
    'hugging-face': ['models--some--artist', 'watercolour.safetensors'],
  })
})

test('each is told apart by its header alone, and what cannot be used says why', async () => {
  const kinds: Record<string, unknown> = {}
  const titles = new Set<string>()
  for (const { models } of await seen())
    for (const { path, shelf } of models) {
      const { kind, problem, title } = await skimModel({ path, holds: shelf.holds }, fakeContext())
      titles.add(title)
      kinds[basename(path)] = problem ? [kind, problem.code] : kind
    }
  expect(kinds).toMatchObject({
    'v1.safetensors': 'checkpoint',
    'old.ckpt': ['checkpoint', 'pickle-refused'],
    'ink.safetensors': 'adapter',
    'neg.safetensors': 'embedding',
    'soft.safetensors': 'vae',
    'linked.safetensors': 'checkpoint',
    'matrix.safetensors': 'checkpoint',
    painter: 'checkpoint',
    'models--some--artist': 'checkpoint',
    'watercolour.safetensors': 'adapter',
    'gone.safetensors': ['checkpoint', 'file-not-found'],
  })
  const all = ['Stable Diffusion 1.x', 'Stable Diffusion 2.x', 'Stable Diffusion XL']
  expect(titles).toEqual(new Set(['', all[0], all.join(', ')]))
})

test('what a command line names is looked at, with spaces and letters of any language', async () => {
  await rm(folder.at('home', 'ComfyUI_windows_portable'), { recursive: true })
  const forge = (await seen()).find(({ program }) => program === 'forge')
  expect(forge?.models.map(({ path }) => basename(path))).toEqual(['水彩 #1.SAFETENSORS'])
})
