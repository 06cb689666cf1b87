// What may be a model on a shelf: files and folders by their names, sizes and times. Nothing is opened; links in circles end, and so does a look at
// more than a person has.
import { readdir, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { answering, type Ask } from '../../engine/files/answering.ts'
import { fileError } from '../../engine/files/file-error.ts'
import { hubSnapshot, isHubCache } from '../../engine/models/hub-cache.ts'
import { errorRecord, type ErrorRecord } from '../../engine/requests/error.ts'
import { filesOfAdapter } from './adapter-files.ts'
import type { Holding, Shelf } from './programs/program.ts'

export interface SeenModel {
  readonly path: string
  readonly shelf: Shelf
  readonly bytes: number
  /** When it was last written to. */
  readonly touched: number
  /** Size and time of all its files: another one is another state. */
  readonly stamp: string
  /** Why it cannot even be looked at: a link that leads nowhere. */
  readonly problem?: ErrorRecord
}
export interface SeenShelf {
  readonly models: readonly SeenModel[]
  /** There is more than is looked at. */
  readonly cut: boolean
}

const deepest = 8
const most = { models: 20_000, folders: 5000 }
/** Pickles and others are among them, so that the reason why they are not used is told. */
const models = /\.(safetensors|ckpt|sft|gguf)$/i
const files: Readonly<Record<Holding, RegExp>> = {
  models,
  anything: models,
  vaes: /\.(safetensors|ckpt|sft|pt|pth)$/i,
  adapters: /\.(safetensors|ckpt|pt)$/i,
  embeddings: /\.(safetensors|pt|bin)$/i,
}
/** Hidden, of Python's, and what Hugging Face's cache has beside models. */
const passed = /^(\.|__pycache__$|node_modules$|venv$|(datasets|spaces)--)/
/** Networks of a diffusers folder, with the files that say what they are. */
const network = /^(unet|vae|text_encoder(_[23])?|transformer)$/
const weights = /\.(safetensors|bin)$/i

/** What was seen already, by device and number: a link may lead back, and two programs may share a folder. */
export type Been = Set<string>

/** Throws `folder-not-answering`, and what `readdir` throws of a shelf that cannot be read; one that is not there is empty. */
export async function seeShelf(shelf: Shelf, been: Been): Promise<SeenShelf> {
  return answering(shelf.path, async (ask) => {
    const seen: Look = { shelf, ask, been, models: [], folders: 0, cut: false }
    await look(seen, shelf.path, 0).catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw fileError(error, shelf.path, 'read')
    })
    return { models: seen.models, cut: seen.cut }
  })
}

interface Look {
  readonly shelf: Shelf
  readonly ask: Ask
  readonly been: Been
  readonly models: SeenModel[]
  folders: number
  cut: boolean
}

async function look(of: Look, folder: string, depth: number): Promise<void> {
  const { shelf, ask } = of
  if (!(await isNew(of, folder))) return
  if (++of.folders > most.folders || depth > deepest) return void (of.cut = true)
  const names = await ask(() => readdir(folder))
  if (isHubCache(names)) {
    const snapshot = await ask(() => hubSnapshot(folder)).catch(() => folder)
    if (snapshot === folder) return
    // Its own path is what a model is known by: the name of a revision changes with it.
    const inside = await ask(() => readdir(snapshot)).catch((): string[] => [])
    return inside.includes('model_index.json') ? takeFolder(of, folder, snapshot) : look(of, snapshot, depth + 1)
  }
  if (names.includes('model_index.json')) return takeFolder(of, folder, folder)
  const adapter = await ask(() => filesOfAdapter(folder))
  if (adapter.length > 0 && depth > 0)
    return takeFiles(
      of,
      folder,
      adapter.map((name) => join(folder, name)),
    )
  const inside: string[] = []
  for (const name of names.sort()) {
    if (passed.test(name)) continue
    if (of.models.length >= most.models) return void (of.cut = true)
    const path = join(folder, name)
    const named = files[shelf.holds].test(name)
    const found = await ask(() => stat(path)).catch((error: unknown) => {
      if (named) of.models.push({ path, shelf, bytes: 0, touched: 0, stamp: '', problem: errorRecord(fileError(error, path, 'read')) })
    })
    if (found?.isDirectory()) inside.push(path)
    else if (named && found?.isFile()) await takeFiles(of, path, [path])
  }
  // What cannot be read of it hides nothing of the rest.
  for (const path of inside)
    await look(of, path, depth + 1).catch((error: unknown) => {
      if (errorRecord(error).code === 'folder-not-answering') throw error
    })
}

async function isNew({ ask, been }: Look, path: string): Promise<boolean> {
  const { dev, ino } = await ask(() => stat(path, { bigint: true }))
  const key = `${dev} ${ino}`
  if (been.has(key)) return false
  been.add(key)
  return true
}

/** A diffusers folder: what of it is weights or says what they are. */
async function takeFolder(of: Look, path: string, folder: string): Promise<void> {
  const names = await of.ask(() => readdir(folder))
  const parts = await Promise.all(
    names
      .filter((name) => network.test(name))
      .map(async (name) => {
        const inside = await of.ask(() => readdir(join(folder, name))).catch((): string[] => [])
        return inside.filter((one) => one === 'config.json' || weights.test(one)).map((one) => join(folder, name, one))
      }),
  )
  await takeFiles(of, path, [join(folder, 'model_index.json'), ...parts.flat()])
}

async function takeFiles(of: Look, path: string, parts: readonly string[]): Promise<void> {
  const { shelf, ask } = of
  if (parts.length === 1 && parts[0] === path && !(await isNew(of, path))) return
  const found = (await Promise.all(parts.map((part) => ask(() => stat(part)).catch(() => undefined)))).filter((one) => one !== undefined)
  of.models.push({
    path,
    shelf,
    bytes: found.reduce((sum, { size }) => sum + size, 0),
    touched: Math.max(0, ...found.map(({ mtimeMs }) => mtimeMs)),
    stamp: found.map(({ size, mtimeMs }) => `${size}:${mtimeMs}`).join(' '),
  })
}

/** What a person calls it. */
export const seenName = (path: string): string =>
  basename(path)
    .replace(/\.(safetensors|ckpt|sft|gguf|pth?|bin)$/i, '')
    .replace(/^models--(?:.*--)?(.+)$/, '$1')
