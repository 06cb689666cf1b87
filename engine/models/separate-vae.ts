// A VAE in place of the checkpoint's own: a file in the names of ldm or diffusers, a folder with config.json, or the VAE of a whole checkpoint.
import { readdir, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { PigmentError } from '../requests/error.ts'
import { fileError } from '../files/file-error.ts'
import { refusePickledFolder } from '../files/pickle.ts'
import { openSafetensors } from '../files/safetensors.ts'
import type { Network, TensorSource, UNetConfig, VaeConfig, WeightMap } from '../checkpoint/config.ts'
import { vaeFromShapes } from './config-from-shapes.ts'
import { vaeWithSettings } from './diffusers-config.ts'
import { networkWeights } from './diffusers-folder.ts'
import { vaePrefix } from './family.ts'
import { folderName, hubSnapshot } from './hub-cache.ts'
import { readSettings } from './json-settings.ts'
import { currentVaeKey, ldmVaeLayout, ldmVaeTable } from './keys/ldm-vae.ts'
import { slicesOf } from './weights.ts'

const stem = 'diffusion_pytorch_model'

/**
 * Reads a VAE's header. Latents are scaled as the checkpoint does, whose UNet knows no other scale.
 * Throws `vae-unknown`, `vae-mismatch` where it belongs to another family, or an error of the file itself.
 */
export async function openVae(
  path: string,
  { unet, scalingFactor }: { unet: UNetConfig; scalingFactor: number },
): Promise<Network<VaeConfig>> {
  const folder = await folderOf(path)
  const vae = folder === undefined ? await fromFile(path, scalingFactor) : await fromFolder(folder, scalingFactor)
  const { latentChannels, scalingFactor: stated } = vae.config
  const refuse = (what: string): PigmentError =>
    new PigmentError('vae-mismatch', `"${path}" is the VAE of another family of models: ${what}. Choose one made for this checkpoint.`, {
      path,
      latentChannels,
      scalingFactor: stated,
    })
  if (latentChannels !== unet.outChannels)
    throw refuse(`its latents have ${latentChannels} channels, where the UNet makes ${unet.outChannels}`)
  if (Math.abs(stated - scalingFactor) > 1e-4)
    throw refuse(`it scales latents by ${stated}, where the checkpoint scales by ${scalingFactor}`)
  return { ...vae, config: { ...vae.config, scalingFactor } }
}

/** What the header of a VAE alone tells; how it scales latents only where a config.json says so. Throws as `openVae`. */
export async function vaeFacts(path: string): Promise<{ latentChannels: number; scalingFactor?: number }> {
  const folder = await folderOf(path)
  const { latentChannels, scalingFactor } = (folder === undefined ? await fromFile(path, NaN) : await fromFolder(folder, NaN)).config
  return { latentChannels, ...(Number.isNaN(scalingFactor) ? {} : { scalingFactor }) }
}

/** What a person calls it: `model/vae` for the VAE of a diffusers folder. */
export function vaeTitle(path: string): string {
  const name = folderName(path)
  return name === 'vae' ? `${folderName(dirname(path))}/vae` : name
}

/** The folder of a VAE in diffusers' layout, also where its file is named; undefined for a file that stands alone. */
async function folderOf(path: string): Promise<string | undefined> {
  const found = await stat(path).catch((error: unknown) => {
    throw fileError(error, path, 'read')
  })
  if (!found.isDirectory()) {
    const beside = basename(path).startsWith(stem) && (await readdir(dirname(path))).includes('config.json')
    return beside ? dirname(path) : undefined
  }
  const folder = await hubSnapshot(path)
  return (await readdir(folder)).includes('model_index.json') ? join(folder, 'vae') : folder
}

async function fromFolder(folder: string, scalingFactor: number): Promise<Network<VaeConfig>> {
  const names = await readdir(folder).catch((error: unknown) => {
    throw fileError(error, folder, 'read')
  })
  if (!names.includes('config.json')) {
    refusePickledFolder(folder, names)
    throw unknownVae(folder)
  }
  const settings = await readSettings(join(folder, 'config.json'))
  const weights = ofDiffusers(await networkWeights(folder, stem))
  // The UNet's folder lies beside it and has the same two files.
  if (![...weights.keys()].some((key) => key.startsWith('encoder.'))) throw unknownVae(folder)
  return { config: vaeWithSettings(vaeFromShapes({ path: folder, network: 'VAE' }, weights, scalingFactor), settings), weights }
}

async function fromFile(path: string, scalingFactor: number): Promise<Network<VaeConfig>> {
  const file = await openSafetensors(path)
  const has = (start: string): boolean => [...file.entries.keys()].some((key) => key.startsWith(start))
  const place = { path, network: 'VAE' }
  if (has('encoder.down_blocks.')) {
    const weights = ofDiffusers(slicesOf(file))
    return { config: vaeFromShapes(place, weights, scalingFactor), weights }
  }
  const prefix = [vaePrefix, 'vae.', ''].find((start) => has(`${start}encoder.down.`))
  if (prefix === undefined) throw unknownVae(path)
  const slices = slicesOf(file, prefix)
  const table = ldmVaeTable(ldmVaeLayout(slices.keys()))
  const weights = new Map<string, TensorSource>()
  for (const [key, source] of slices) {
    const ours = table.fromFile(key)
    if (ours !== undefined) weights.set(ours, source)
  }
  return { config: vaeFromShapes(place, weights, scalingFactor), weights }
}

const ofDiffusers = (stored: WeightMap): WeightMap => new Map([...stored].map(([key, source]) => [currentVaeKey(key), source]))

const unknownVae = (path: string): PigmentError =>
  new PigmentError(
    'vae-unknown',
    `"${path}" is no VAE: it has no encoder in the names of ldm ("encoder.down.") or diffusers ("encoder.down_blocks."). ` +
      'Choose a VAE as a .safetensors file or a diffusers folder, or a checkpoint with one.',
    { path },
  )
