import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { writeSafetensors } from '../files/safetensors.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { openCheckpoint } from './open-checkpoint.ts'
import { singleFileTensors, writeSingleFile } from './testing-single-file.ts'
import { tensorsOf, tinyModel, writeDiffusers, type TinyModel, type Weights } from './testing.ts'
import type { Checkpoint } from '../checkpoint/config.ts'

let folder = ''
let made = 0
const fresh = (ending = ''): string => join(folder, `${made++}${ending}`)
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'pigment-vae-'))))
afterAll(() => rm(folder, { recursive: true }))

const model = tinyModel('sd1')
const halved = ({ shape, data }: Tensor): Tensor => ({ shape, data: data.map((value) => value / 2) })
/** The same model with another VAE. */
const other: TinyModel = {
  ...model,
  vae: { ...model.vae, weights: new Map([...model.vae.weights].map(([key, tensor]) => [key, halved(tensor)])) },
}

const ldm = (prefix: string): Weights =>
  new Map(
    [...singleFileTensors(other)].flatMap(([key, t]) =>
      key.startsWith('first_stage_model.') ? [[key.replace('first_stage_model.', prefix), t]] : [],
    ),
  )
const file = async (weights: Weights, name = fresh('.safetensors')): Promise<string> => {
  await writeSafetensors(name, tensorsOf(weights))
  return name
}
const inFolder = async (): Promise<string> => {
  const path = fresh()
  await writeDiffusers(path, other)
  return path
}
const old: Readonly<Record<string, string>> = { to_q: 'query', to_k: 'key', to_v: 'value', 'to_out.0': 'proj_attn' }

/** First weight of the decoder's input, and what the VAE has of attention. */
async function look({ vae }: Checkpoint): Promise<unknown> {
  const source = vae.weights.get('decoder.conv_in.weight')
  if (!source) throw new Error('no decoder')
  const bytes = (await readFile(source.file)).subarray(source.offset, source.offset + source.length)
  const config = { ...vae.config }
  return { data: [...new Float32Array(new Uint8Array(bytes).buffer)], config, keys: [...vae.weights.keys()] }
}

describe('a VAE in place of the own one', () => {
  const forms: Readonly<Record<string, () => Promise<string>>> = {
    'a file in ldm names': () => file(ldm('')),
    'a file in ldm names with their prefix': () => file(ldm('first_stage_model.')),
    'a file in ldm names with a prefix of others': () => file(ldm('vae.')),
    'the file of a checkpoint': async () => {
      const path = fresh('.safetensors')
      await writeSingleFile(path, other)
      return path
    },
    'a file in diffusers names': () => file(other.vae.weights),
    'a file in the older names of diffusers': () =>
      file(
        new Map(
          [...other.vae.weights].map(([key, t]) => [key.replace(/(?<=attentions\.0\.)(to_\w+(\.0)?)/, (name) => old[name] ?? name), t]),
        ),
      ),
    'a folder of diffusers': async () => join(await inFolder(), 'vae'),
    'the file in a folder of diffusers': async () => join(await inFolder(), 'vae/diffusion_pytorch_model.safetensors'),
    'the folder of a checkpoint': inFolder,
  }

  test.each(Object.keys(forms))('%s', async (form) => {
    const vae = (await forms[form]?.()) ?? ''
    const expected = await look(await openCheckpoint(await inFolder()))
    const [asFolder, asFile, without] = [fresh(), fresh('.safetensors'), fresh('.safetensors')]
    await writeDiffusers(asFolder, model)
    await writeSingleFile(asFile, model)
    const tensors = singleFileTensors(model)
    for (const key of [...tensors.keys()]) if (key.startsWith('first_stage_model.')) tensors.delete(key)
    await writeSafetensors(without, tensorsOf(tensors))
    expect(await look(await openCheckpoint(asFolder))).not.toEqual(expected)
    for (const path of [asFolder, asFile, without]) {
      const found = await openCheckpoint(path, { vae })
      expect(await look(found)).toEqual(expected)
      expect(found.vaePath).toBe(vae)
    }
  })

  test('a folder may lack its own', async () => {
    const path = await inFolder()
    const vae = await file(ldm(''))
    await rm(join(path, 'vae'), { recursive: true })
    await expect(openCheckpoint(path)).rejects.toMatchObject({ code: 'checkpoint-incomplete' })
    expect((await openCheckpoint(path, { vae })).vae.config.scalingFactor).toBe(0.18215)
  })
})

describe('is refused', () => {
  const open = async (vae: string) => {
    const path = fresh('.safetensors')
    await writeSingleFile(path, model)
    return openCheckpoint(path, { vae })
  }

  test('where it is of another family', async () => {
    const path = await inFolder()
    const config = join(path, 'vae/config.json')
    await writeFile(config, JSON.stringify({ ...(JSON.parse(await readFile(config, 'utf8')) as object), scaling_factor: 0.13025 }))
    await expect(open(join(path, 'vae'))).rejects.toMatchObject({ code: 'vae-mismatch', facts: { scalingFactor: 0.13025 } })
    const wide = ldm('')
    const input = wide.get('decoder.conv_in.weight')
    const channels = new Map(wide).set('decoder.conv_in.weight', {
      shape: [input?.shape[0] ?? 0, 16, 3, 3],
      data: new Float32Array((input?.shape[0] ?? 0) * 144),
    })
    await expect(open(await file(channels))).rejects.toMatchObject({ code: 'vae-mismatch', facts: { latentChannels: 16 } })
  })

  test('where it is none, or a part is missing, by its own path', async () => {
    const unet = await file(model.unet.weights)
    await expect(open(unet)).rejects.toMatchObject({ code: 'vae-unknown', facts: { path: unet } })
    const beside = join(await inFolder(), 'unet')
    await expect(open(beside)).rejects.toMatchObject({ code: 'vae-unknown', facts: { path: beside } })
    const holed = new Map(ldm(''))
    holed.delete('decoder.norm_out.weight')
    const path = await file(holed)
    await expect(open(path)).rejects.toMatchObject({ code: 'checkpoint-incomplete', facts: { path, network: 'VAE', missingCount: 1 } })
    await expect(open(join(folder, 'nowhere'))).rejects.toMatchObject({ code: 'file-not-found' })
  })

  test('where it is a pickle, or a folder that is nothing', async () => {
    const path = fresh()
    await mkdir(path)
    await expect(open(path)).rejects.toMatchObject({ code: 'vae-unknown' })
    await writeFile(join(path, 'diffusion_pytorch_model.bin'), '')
    await expect(open(path)).rejects.toMatchObject({ code: 'pickle-refused' })
    const tiny = join(await inFolder(), 'vae')
    await writeFile(join(tiny, 'config.json'), JSON.stringify({ _class_name: 'AutoencoderTiny' }))
    await expect(open(tiny)).rejects.toMatchObject({ code: 'checkpoint-unsupported', facts: { field: '_class_name' } })
  })
})
