// Adapters from and to disk, whatever the format.
import { mkdir, readdir, stat } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import type { Adapter, AdapterReading, Component } from '../adapters/adapter.ts'
import { holdsEmbeddings } from '../embeddings/read.ts'
import { writeFileAtomic } from '../files/atomic.ts'
import { fileError } from '../files/file-error.ts'
import { refusePickledFolder } from '../files/pickle.ts'
import { parsePythonJson } from '../files/python-json.ts'
import { readRegular } from '../files/regular-file.ts'
import { openSafetensors } from '../files/safetensors.ts'
import { unpacked } from '../files/unpacked.ts'
import { adapterFolders } from '../requests/adapter-formats.ts'
import { PigmentError } from '../requests/error.ts'
import type { ModuleShapes } from './base-modules.ts'
import type { AdapterFile, AdapterFormat, WriteOptions } from './format.ts'
import { adapterFormats } from './index.ts'
import { readBack, refuseUnsound, type ReadBack } from './read-back.ts'
import { readPairs } from './read-pairs.ts'

export { moduleShapes, type ModuleShapes } from './base-modules.ts'
export { adapterFormats } from './index.ts'

/**
 * An adapter from a file, or from a PEFT or diffusers folder, on the modules of a base model; what cannot be used is listed in `skipped`.
 * Throws `adapter-unknown-format`, `adapter-family-mismatch`, `adapter-broken`, `adapter-unsupported`, or what openSafetensors throws.
 */
export async function readAdapter(path: string, modules: ModuleShapes): Promise<Adapter> {
  const { isFolder, files } = await openAdapter(path)
  const adapters: Adapter[] = []
  const formats: [title: string, because: string][] = []
  for (const file of files) {
    const { format, because } = formatOf(file)
    formats.push([format.title, because])
    adapters.push(await readPairs(file, modules, format.reading(file)))
  }
  const [only] = adapters
  const embeddings = adapters.flatMap((adapter) => adapter.embeddings ?? [])
  const name = isFolder ? basename(resolve(path)) : (only?.name ?? basename(path))
  return {
    name,
    modules: adapters.flatMap((adapter) => adapter.modules),
    ...(embeddings.length > 0 ? { embeddings } : {}),
    metadata: Object.assign({}, ...adapters.map((adapter) => adapter.metadata)) as Record<string, string>,
    skipped: adapters.flatMap((adapter) => adapter.skipped),
    reading: { formats: Object.fromEntries(formats), ...readingOf(files, adapters) },
  }
}

/** The headers of an adapter's file, or of the files in its PEFT or diffusers folder. */
export async function openAdapter(path: string): Promise<{ readonly isFolder: boolean; readonly files: readonly AdapterFile[] }> {
  const isFolder = (await kindOf(path)) === 'folder'
  return { isFolder, files: isFolder ? await filesOf(path) : [await adapterFile(path)] }
}

export interface WrittenAdapter extends ReadBack {
  /** Paths of its files. */
  readonly written: readonly string[]
}

/**
 * Writes an adapter in the named format, reads it back and gives the paths of its files. A `path` that ends in `.safetensors` is the file itself; any other is the folder that gets
 * the format's usual names. Throws `adapter-format-unknown`, `save-not-finite`, `precision-overflow`, `save-unreadable`, `save-mismatch`, `disk-full`,
 * `not-writable` and the like.
 */
export async function writeAdapter(adapter: Adapter, format: string, path: string, options: WriteOptions): Promise<readonly string[]> {
  return (await writeCompared(adapter, format, path, options)).written
}

/** The same, with what came back. */
export async function writeCompared(adapter: Adapter, format: string, path: string, options: WriteOptions): Promise<WrittenAdapter> {
  const { modules, precision } = options
  refuseUnsound(adapter, precision)
  const written = await writeFiles(adapter, format, path, options)
  const [only = path, ...others] = written
  const read = () => readAdapter(others.length > 0 ? path : only, modules)
  return { written, ...(await readBack(adapter, { path, precision, read })) }
}

async function writeFiles(adapter: Adapter, format: string, path: string, options: WriteOptions): Promise<readonly string[]> {
  const found = adapterFormats.find(({ name }) => name === format)
  if (!found)
    throw new PigmentError(
      'adapter-format-unknown',
      `There is no adapter format "${format}". Choose one of ${adapterFormats.map(({ name }) => name).join(', ')}.`,
      { format },
    )
  const asFile = path.toLowerCase().endsWith('.safetensors')
  if (asFile && found.container === 'folder')
    throw new PigmentError(
      'adapter-format-folder',
      `${found.title} is written as a folder, but "${path}" is the name of a file. Choose a folder.`,
      { path },
    )
  const written: string[] = []
  for (const { name, bytes } of found.write(adapter, options)) {
    const target = asFile ? path : join(path, ...name.split('/').map(safeName))
    await mkdir(dirname(target), { recursive: true }).catch((error: unknown) => {
      throw fileError(error, target, 'write')
    })
    await writeFileAtomic(target, bytes)
    written.push(target)
  }
  return written
}

/** A name that no file system reads as a path. */
function safeName(name: string): string {
  return name.replace(/[\\/:*?"<>|\p{Cc}]/gu, '_').replace(/^\.+/, '_')
}

async function kindOf(path: string): Promise<'file' | 'folder'> {
  try {
    return (await stat(path)).isDirectory() ? 'folder' : 'file'
  } catch (error) {
    throw fileError(error, path, 'read')
  }
}

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  )

/** A file, with the config that its format keeps beside it. */
async function adapterFile(path: string, component?: Component): Promise<AdapterFile> {
  const file = await unpacked(await openSafetensors(path))
  const name = adapterFolders.find((folder) => folder.file === basename(path))?.config
  const config = name === undefined ? undefined : join(dirname(path), name)
  return { ...file, component, config: config !== undefined && (await exists(config)) ? await readJson(config) : undefined }
}

async function filesOf(path: string): Promise<AdapterFile[]> {
  for (const { file } of adapterFolders) if (await exists(join(path, file))) return [await adapterFile(join(path, file))]
  const files: AdapterFile[] = []
  for (const { file } of adapterFolders.filter(({ networks }) => networks))
    for (const component of ['unet', 'text_encoder', 'text_encoder_2'] as const) {
      const inside = join(path, component, file)
      if (await exists(inside)) files.push(await adapterFile(inside, component))
    }
  if (files.length > 0) return files
  refusePickledFolder(path, await readdir(path))
  throw new PigmentError(
    'adapter-not-found',
    `"${path}" holds no adapter: expected ${adapterFolders.map(({ file, says }) => `${file} (${says})`).join(' or ')}. ` +
      'Choose such a folder, or a single .safetensors file.',
    { path },
  )
}

/** The longest that PEFT writes, with a pattern for every module of SDXL, has some hundred kilobytes. */
const largestConfig = 4_000_000

async function readJson(path: string): Promise<unknown> {
  try {
    return parsePythonJson(new TextDecoder().decode(await readRegular(path, largestConfig)))
  } catch (error) {
    if (error instanceof PigmentError && error.code === 'file-over-limit')
      throw new PigmentError('adapter-broken', `"${path}" is larger than any config. Get another copy of this adapter.`, { path })
    if (error instanceof SyntaxError)
      throw new PigmentError('adapter-broken', `"${path}" is not JSON (${error.message}). Get another copy of this adapter.`, { path })
    throw fileError(error, path, 'read')
  }
}

/** Of all files of an adapter. */
function readingOf(files: readonly AdapterFile[], adapters: readonly Adapter[]): Pick<AdapterReading, 'scales' | 'types'> {
  const sum = (counts: readonly (readonly [name: string, count: number])[]): Record<string, number> => {
    const all: Record<string, number> = {}
    for (const [name, count] of counts) all[name] = (all[name] ?? 0) + count
    return all
  }
  return {
    scales: sum(adapters.flatMap(({ reading }) => Object.entries(reading?.scales ?? {}))),
    types: sum(
      files.flatMap(({ entries, packed }) => [...entries.values()].map(({ name, dtype }) => [packed?.get(name)?.how ?? dtype, 1] as const)),
    ),
  }
}

function formatOf(file: AdapterFile): { readonly format: AdapterFormat; readonly because: string } {
  const reasons: string[] = []
  for (const format of adapterFormats) {
    const answer = format.recognise(file)
    if ('yes' in answer) return { format, because: answer.yes }
    reasons.push(`${format.name}: ${answer.no}`)
  }
  const known = somethingElse(file)
  throw new PigmentError(
    'adapter-unknown-format',
    known
      ? `"${file.path}" is ${known}`
      : `"${file.path}" is not an adapter that Pigment knows (${reasons.join('; ')}). Choose a LoRA file.`,
    { path: file.path, reasons },
  )
}

function somethingElse({ entries }: AdapterFile): string | undefined {
  if (entries.has('lora_controlnet')) return 'a Control-LoRA, which steers composition instead of style. Choose a LoRA file.'
  if (holdsEmbeddings({ entries }))
    return 'a textual inversion, not a LoRA. Give it with --embedding and call it in the prompt; choose a LoRA file here.'
  const keys = [...entries.keys()]
  if (keys.some((key) => /^(model\.diffusion_model|first_stage_model|down_blocks\.0\.resnets)\./.test(key)))
    return 'a whole model, not an adapter. Load it as the base model, and choose a LoRA file here.'
  return undefined
}
