// A checkpoint under a stack, in the layout that it has: a single file, or a folder of diffusers whose other files come along as they are.
import { mkdir, rename, rm } from 'node:fs/promises'
import { basename, dirname, extname, join, relative } from 'node:path'
import type { StackEntry } from '../adapters/stack.ts'
import type { Checkpoint } from '../checkpoint/config.ts'
import { unfinishedName, writeFileAtomic } from '../files/atomic.ts'
import { fileError } from '../files/file-error.ts'
import { parsePythonJson } from '../files/python-json.ts'
import { copyRegular, readRegular, regularFile } from '../files/regular-file.ts'
import { writeSafetensors } from '../files/safetensors.ts'
import { folderFiles } from './folder-files.ts'
import { checkpointMetadata, mergeRecord } from './merge-record.ts'
import { mergedFile } from './merged-file.ts'
import type { MergedModel, MergeOptions, ModelFormat } from './model-format.ts'
import { changesOf, nothingThere, prepared, Progress } from './writing.ts'

export const checkpoint: ModelFormat = {
  name: 'checkpoint',
  use: 'a checkpoint in the layout of its base: one file, or a diffusers folder',
  ending: ({ layout }) => (layout === 'single-file' ? '.safetensors' : undefined),
  write: (base, stack, out, options = {}) => (base.layout === 'single-file' ? writeFile : writeFolder)(base, stack, out, options),
}

async function writeFile(base: Checkpoint, stack: readonly StackEntry[], out: string, options: MergeOptions): Promise<MergedModel> {
  const { source, tensors, bytes, changed } = await mergedFile(base.path, changesOf(base, stack), options.precision)
  const target = await prepared(base, out, bytes)
  const metadata = checkpointMetadata(base, source.metadata, stack, basename(target, extname(target)))
  await writeSafetensors(target, new Progress(options, bytes).of(tensors), metadata, (hash) => ({ 'modelspec.hash_sha256': `0x${hash}` }))
  return { files: [target], bytes, changed }
}

async function writeFolder(base: Checkpoint, stack: readonly StackEntry[], out: string, options: MergeOptions): Promise<MergedModel> {
  const changes = changesOf(base, stack)
  const networks = [base.unet, ...base.textEncoders, base.vae].map(({ weights }) => weights)
  const used = [...new Set(networks.flatMap((weights) => [...weights.values()].map(({ file }) => file)))].filter(
    (file) => !relative(base.path, file).startsWith('..'),
  )
  const files = await Promise.all(used.map((file) => mergedFile(file, changes, options.precision)))
  const { indexes, others } = await folderFiles(base.path, used)
  const copied = await Promise.all(others.map(async (name) => ({ name, bytes: (await regularFile(join(base.path, name))).size })))
  const bytes = [...files, ...copied].reduce((sum, one) => sum + one.bytes, 0)
  const target = await prepared(base, out, bytes)
  await nothingThere(target)
  const made = join(dirname(target), unfinishedName())
  const progress = new Progress(options, bytes)
  const written: string[] = []
  const place = async (name: string): Promise<string> => {
    await mkdir(dirname(join(made, name)), { recursive: true })
    written.push(join(target, name))
    return join(made, name)
  }
  try {
    for (const one of files) {
      const metadata = { ...Object.fromEntries(one.source.metadata), ...(one.changed > 0 ? mergeRecord(base, stack) : {}) }
      await writeSafetensors(await place(relative(base.path, one.source.path)), progress.of(one.tensors), metadata)
    }
    for (const name of indexes) {
      const beside = files.filter(({ source }) => dirname(relative(base.path, source.path)) === dirname(name))
      const total = beside.reduce((sum, one) => sum + one.bytes, 0)
      await writeFileAtomic(await place(name), await indexOf(join(base.path, name), total))
    }
    for (const { name, bytes: size } of copied) {
      await copyRegular(join(base.path, name), await place(name))
      progress.passed(size)
    }
    await rename(made, target)
  } catch (error) {
    await rm(made, { recursive: true, force: true }).catch(() => undefined)
    throw fileError(error, target, 'write')
  }
  return { files: written, bytes, changed: files.reduce((sum, one) => sum + one.changed, 0) }
}

/** The list of the shards, which have the names that they had and may have other sizes. */
async function indexOf(path: string, total: number): Promise<Uint8Array> {
  const parsed = parsePythonJson(new TextDecoder().decode(await readRegular(path, 64 * 2 ** 20))) as Record<string, unknown>
  const metadata = typeof parsed.metadata === 'object' ? parsed.metadata : {}
  return new TextEncoder().encode(`${JSON.stringify({ ...parsed, metadata: { ...metadata, total_size: total } }, null, 2)}\n`)
}
