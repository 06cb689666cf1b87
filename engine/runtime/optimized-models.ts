// Graphs as the runtime optimised them, kept on the disk with their weights in the form that its kernels take: the next session maps them into memory
// in place of widening, turning and re-ordering the checkpoint's again. An entry is a folder; it counts once its manifest is there, written last.
import { createHash } from 'node:crypto'
import { mkdir, open, readdir, readFile, rm, stat, statfs, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { writeFileAtomic } from '../files/atomic.ts'

const [manifestName, ownerName] = ['entry.json', 'owner']
export const [modelName, weightsName] = ['model.onnx', 'weights.bin']
/** What saved entries leave free on the disk, in bytes. */
const reserve = 4 * 2 ** 30
const shape = /^[0-9a-f]{64}$/

const manifest = z.strictObject({
  version: z.literal(1),
  key: z.string(),
  /** Of the graph, for whoever looks into the folder. */
  name: z.string(),
  /** Absent where it is larger than the whole budget and was not kept. */
  files: z.strictObject({ model: z.string(), weights: z.string(), bytes: z.number() }).optional(),
})
type Manifest = z.infer<typeof manifest>

export interface OptimizedModelsPlace {
  readonly folder: string
  /** Bytes of all entries together; those not used for longest go first. */
  readonly budget: number
  /** Bytes of a checkpoint below which a graph is optimised anew each time. */
  readonly least?: number
}

/** An entry under way: the runtime writes to `path`. */
export interface EntryToWrite {
  readonly path: string
  /** Makes it count, once its bytes are on the disk, and lets go of what is over the budget. */
  finish(): Promise<void>
  abandon(): Promise<void>
}

export class OptimizedModels {
  readonly #folder: string
  readonly #budget: number
  constructor({ folder, budget }: Pick<OptimizedModelsPlace, 'folder' | 'budget'>) {
    this.#folder = folder
    this.#budget = budget
  }

  /** The graph of an entry that is whole. What is damaged, cut short or of another making is removed. */
  async find(key: string): Promise<string | undefined> {
    const folder = join(this.#folder, key)
    const known = await readManifest(folder)
    if (!known) return undefined
    if (!known.files && known.key === key) return undefined
    const found = known.key === key ? await describe(folder).catch(() => undefined) : undefined
    if (!found || JSON.stringify(found) !== JSON.stringify(known.files)) {
      await remove(folder)
      return undefined
    }
    const now = new Date()
    await utimes(join(folder, manifestName), now, now).catch(() => undefined)
    return join(folder, modelName)
  }

  /** Undefined where another process writes it now, it would not fit the budget, or it is known not to. Throws what the disk says, `ENOSPC` too. */
  async begin(key: string, name: string, bytes: number): Promise<EntryToWrite | undefined> {
    if (bytes > this.#budget) return undefined
    const folder = join(this.#folder, key)
    await mkdir(this.#folder, { recursive: true, mode: 0o700 })
    await this.#sweep()
    const { bavail, bsize } = await statfs(this.#folder)
    if (bavail * bsize < bytes + reserve) throw Object.assign(new Error('The disk is nearly full.'), { code: 'ENOSPC' })
    try {
      await mkdir(folder, { mode: 0o700 })
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return undefined
      throw error
    }
    await writeFile(join(folder, ownerName), String(process.pid))
    return {
      path: join(folder, modelName),
      abandon: () => remove(folder),
      finish: async () => {
        try {
          await flush(join(folder, weightsName), join(folder, modelName))
          const files = await describe(folder)
          const fits = files.bytes <= this.#budget
          if (!fits) await Promise.all([modelName, weightsName].map((file) => rm(join(folder, file), { force: true })))
          const entry: Manifest = { version: 1, key, name, ...(fits ? { files } : {}) }
          await writeFileAtomic(join(folder, manifestName), Buffer.from(JSON.stringify(entry)))
          await rm(join(folder, ownerName), { force: true })
          await this.#evict()
        } catch (error) {
          await remove(folder)
          throw error
        }
      },
    }
  }

  /** An entry that the runtime refused. */
  async remove(key: string): Promise<void> {
    await remove(join(this.#folder, key))
  }

  /** Bytes of what is kept. */
  async size(): Promise<number> {
    return (await this.#entries()).reduce((sum, { bytes }) => sum + bytes, 0)
  }

  /** Removes every entry that nobody writes just now. Sessions that read one go on where the system lets go of names alone; elsewhere it stays. */
  async clear(): Promise<void> {
    for (const { folder } of await this.#entries()) await remove(folder)
    await this.#sweep()
  }

  async #entries(): Promise<{ readonly folder: string; readonly bytes: number; readonly used: number }[]> {
    const found = await Promise.all(
      (await this.#names()).map(async (name) => {
        const folder = join(this.#folder, name)
        const [known, at] = [await readManifest(folder), await stat(join(folder, manifestName)).catch(() => undefined)]
        return known && at ? [{ folder, bytes: known.files?.bytes ?? 0, used: at.mtimeMs }] : []
      }),
    )
    return found.flat()
  }

  /** Entries whose writer is gone, or whose manifest is none. */
  async #sweep(): Promise<void> {
    for (const name of await this.#names()) {
      const folder = join(this.#folder, name)
      if (!(await readManifest(folder)) && !(await isWritten(folder))) await remove(folder)
    }
  }

  async #evict(): Promise<void> {
    const entries = (await this.#entries()).sort((a, b) => b.used - a.used)
    let kept = 0
    for (const { folder, bytes } of entries) if ((kept += bytes) > this.#budget) await remove(folder)
  }

  /** Only what is called like an entry: others' files in the folder are left alone. */
  async #names(): Promise<string[]> {
    return (await readdir(this.#folder).catch(() => [])).filter((name) => shape.test(name))
  }
}

async function readManifest(folder: string): Promise<Manifest | undefined> {
  try {
    return manifest.parse(JSON.parse(await readFile(join(folder, manifestName), 'utf8')))
  } catch {
    return undefined
  }
}

/** Whether the process that began it is alive. In its first moment it has not said who it is. */
async function isWritten(folder: string): Promise<boolean> {
  const names = await readdir(folder).catch(() => undefined)
  if (names?.length === 0) return Date.now() - ((await stat(folder).catch(() => undefined))?.mtimeMs ?? 0) < 10_000
  try {
    const pid = Number(await readFile(join(folder, ownerName), 'utf8'))
    return Number.isInteger(pid) && pid > 0 && process.kill(pid, 0)
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

/** Not its owner first: a folder half removed must not look like one that is being written. */
const remove = (folder: string): Promise<void> =>
  rm(join(folder, manifestName), { force: true })
    .then(() => rm(folder, { recursive: true, force: true }))
    .catch(() => undefined)

async function flush(...paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    const handle = await open(path, 'r+').catch(() => undefined)
    try {
      await handle?.sync()
    } finally {
      await handle?.close()
    }
  }
}

/** The graph by its hash; of gigabytes of weights their number and parts from end to end. */
async function describe(folder: string): Promise<NonNullable<Manifest['files']>> {
  const model = await readFile(join(folder, modelName))
  const { size, hash } = await partsOf(join(folder, weightsName))
  return { model: createHash('sha256').update(model).digest('hex'), weights: hash, bytes: model.byteLength + size }
}

const [parts, partBytes] = [64, 65_536]

/** Size and a hash of parts of a file, first and last among them: enough to see that it was cut, or that parts of it never reached the disk. */
export async function partsOf(path: string): Promise<{ readonly size: number; readonly hash: string }> {
  const handle = await open(path, 'r')
  try {
    const { size } = await handle.stat()
    const hash = createHash('sha256').update(String(size))
    const part = new Uint8Array(Math.min(partBytes, size))
    const last = Math.max(0, size - part.byteLength)
    for (let i = 0; i < parts; i++) {
      const { bytesRead } = await handle.read(part, 0, part.byteLength, Math.floor((last * i) / (parts - 1)))
      hash.update(part.subarray(0, bytesRead))
      if (last === 0) break
    }
    return { size, hash: hash.digest('hex') }
  } finally {
    await handle.close()
  }
}
