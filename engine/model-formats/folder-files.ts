// The files of a diffusers folder that belong to what was opened of it: networks are stored in several precisions and by several programs side by side,
// and only one of each is a part of the model.
import { readdir } from 'node:fs/promises'
import { basename, dirname, join, relative } from 'node:path'
import { fileError } from '../files/file-error.ts'

/** By their paths from the folder. */
export interface FolderFiles {
  /** Lists of shards, which tell how large these are together. */
  readonly indexes: readonly string[]
  /** Everything else: settings, vocabularies, and networks that are none of Pigment's. */
  readonly others: readonly string[]
}

const weightFile = /\.(safetensors|bin|ckpt|pth?|msgpack|h5|onnx|onnx_data|pb|gguf|xml)$/i
const shardIndex = /\.index\.([\w-]+\.)?json$/i

/** `used`: absolute paths of the files that hold the weights. */
export async function folderFiles(folder: string, used: readonly string[]): Promise<FolderFiles> {
  const found = await readdir(folder, { recursive: true, withFileTypes: true }).catch((error: unknown) => {
    throw fileError(error, folder, 'read')
  })
  const files = found.filter((entry) => !entry.isDirectory()).map((entry) => relative(folder, join(entry.parentPath, entry.name)))
  const plain = files.filter((file) => !file.split(/[\\/]/).some((part) => part.startsWith('.')))
  const own = used.map((file) => relative(folder, file))
  const folders = new Set(own.map(dirname))
  const inUse = (index: string): boolean =>
    own.some(
      (file) => dirname(file) === dirname(index) && /-\d+-of-\d+\./.test(basename(file)) && sameVariant(basename(file), basename(index)),
    )
  const safe = new Set(plain.filter((file) => file.endsWith('.safetensors')).map(dirname))
  return {
    indexes: plain.filter((file) => shardIndex.test(file) && folders.has(dirname(file)) && inUse(file)),
    others: plain.filter((file) => {
      const at = dirname(file)
      // What lies beside the networks themselves is another form of the whole.
      if (at === '.' || folders.has(at)) return !weightFile.test(file) && !shardIndex.test(file)
      return !weightFile.test(file) || file.endsWith('.safetensors') || !safe.has(at)
    }),
  }
}

/** `model.fp16-00001-of-00002.safetensors` and `model.safetensors.index.fp16.json`. */
function sameVariant(shard: string, index: string): boolean {
  const variant = /\.index\.([\w-]+)\.json$/.exec(index)?.[1]
  const named = /^[^.]+\.([\w]+)-\d+-of-/.exec(shard)?.[1]
  return variant === named
}
