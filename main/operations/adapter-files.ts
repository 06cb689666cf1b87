// Adapters as they lie on a disk: a file, or a folder in the manner of a format, whose config belongs to the weights.
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { adapterFolders } from '../../engine/requests/adapter-formats.ts'
import type { AdapterFolder } from '../../engine/requests/export.ts'
import { unfinishedName } from '../../engine/files/atomic.ts'
import { fileError } from '../../engine/files/file-error.ts'
import { copyRegular } from '../../engine/files/regular-file.ts'

const filesIn = ({ file, config }: AdapterFolder): string[] => (config === undefined ? [file] : [file, config])
const weights = adapterFolders.map(({ file }) => file)
const own = adapterFolders.flatMap(filesIn)
/** In a format that wraps one network, an adapter of several is a folder of folders. */
const wrapped = adapterFolders.filter((folder) => folder.networks).map(({ file }) => file)
const networks = ['unet', 'text_encoder', 'text_encoder_2']
const deepest = 4
const mostFound = 1000

/** `my.style v1.5.safetensors` and the folder `my.style v1.5` both are called `my.style v1.5`. */
export const adapterName = (file: string): string => basename(file).replace(/\.safetensors$/i, '')

/** `styles/ink.safetensors` in a tag is `ink`: SwarmUI and stable-diffusion.cpp name adapters by their path. */
export const adapterMentioned = (name: string): string => adapterName(name.split(/[\\/]/).at(-1) ?? '')

/** The files of an adapter folder, relative to it; none where it is no such folder. */
export async function filesOfAdapter(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder).catch((): string[] => [])
  if (names.some((name) => weights.includes(name))) return names.filter((name) => own.includes(name))
  const inside = await Promise.all(
    networks
      .filter((name) => names.includes(name))
      .map(async (name) => {
        const within = await readdir(join(folder, name)).catch((): string[] => [])
        return wrapped.some((file) => within.includes(file)) ? within.filter((one) => own.includes(one)).map((one) => join(name, one)) : []
      }),
  )
  return inside.flat()
}

/**
 * What to take in of given paths: a folder that is an adapter counts as one, any other stands for what is in it, and weights with a
 * config bring the folder along. What is nothing of these is left as it is, for the engine to refuse with its reason.
 */
export async function adaptersAt(paths: readonly string[]): Promise<readonly string[]> {
  const found = (await Promise.all(paths.map((path) => adaptersIn(path, 0)))).flat()
  return [...new Set(found)].slice(0, mostFound)
}

async function adaptersIn(path: string, depth: number): Promise<readonly string[]> {
  if (!(await stat(path).catch(() => undefined))?.isDirectory()) return [await wholeOf(path)]
  if ((await filesOfAdapter(path)).length > 0) return [path]
  const entries = await readdir(path, { withFileTypes: true }).catch(() => [])
  const inside = entries.filter((entry) => !entry.name.startsWith('.') && (entry.isDirectory() || /\.safetensors$/i.test(entry.name)))
  if (depth === deepest || inside.length === 0) return depth === 0 ? [path] : []
  return (await Promise.all(inside.map(({ name }) => adaptersIn(join(path, name), depth + 1)))).flat()
}

/** Without its config, a file has another strength. */
async function wholeOf(path: string): Promise<string> {
  const folder = adapterFolders.find((one) => one.config !== undefined && filesIn(one).includes(basename(path)))
  if (!folder) return path
  const files = await filesOfAdapter(dirname(path))
  return filesIn(folder).every((name) => files.includes(name)) ? dirname(path) : path
}

/** Whole or not at all, whenever it is stopped, and never over what is there. Throws `disk-full` and the like. */
export async function copyAdapter(from: string, target: string): Promise<void> {
  const files = await filesOfAdapter(from)
  const coming = join(dirname(target), unfinishedName())
  try {
    if (files.length > 0) await mkdir(coming)
    for (const name of files.length > 0 ? files : ['']) {
      await mkdir(dirname(join(coming, name)), { recursive: true })
      await copyRegular(join(from, name), join(coming, name))
    }
    if (await exists(target)) throw Object.assign(new Error(`EEXIST: file already exists, "${target}"`), { code: 'EEXIST' })
    await rename(coming, target)
  } catch (error) {
    await rm(coming, { recursive: true, force: true })
    throw fileError(error, target, 'write')
  }
}

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  )
