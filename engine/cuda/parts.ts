// Libraries in what a person has: wheels, NuGet packages, folders of a toolkit. A package is known by what is in it, not by its name.
import { createReadStream } from 'node:fs'
import { readdir, realpath, stat } from 'node:fs/promises'
import { basename, extname, join, relative } from 'node:path'
import type { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import yauzl, { type Entry, type ZipFile } from 'yauzl'
import { fileError } from '../files/file-error.ts'
import { openRegular, regularFile } from '../files/regular-file.ts'
import { isLink, overlap } from '../files/zip-entries.ts'
import { PigmentError } from '../requests/error.ts'
import { recordedHashes } from './wheel-record.ts'

/** One library as it lies there. */
export interface Part {
  /** File name. */
  readonly name: string
  readonly bytes: number
  /** Of whom it is told: a package with its version, or a path. */
  readonly from: string
  /** Of its package. */
  readonly version: string | null
  /** SHA-256 in hexadecimal that its package gives. */
  readonly sha256?: string
  open(): Promise<Readable>
}

export interface Collected extends AsyncDisposable {
  readonly parts: readonly Part[]
  /** Packages that could not be read, each with the reason. */
  readonly refused: readonly PigmentError[]
}

const limits = { entries: 50_000, ratio: 100, slack: 16 * 2 ** 20, depth: 8, files: 100_000, text: 8 << 20 }
/** Of Linux, and those of Windows whose names tell that they are of CUDA: these are told to be of another system. */
const libraryName = /^lib[\w.+-]+\.so(\.[\d.]+)?$|^(onnxruntime_providers_\w+|cu\w+64_\w+|nvrtc64_\w+)\.dll$/i

/** Everything in the files and folders given. Throws `file-not-found` and the like where one of them cannot be read. */
export async function collectParts(from: readonly string[], signal: AbortSignal): Promise<Collected> {
  const parts: Part[] = []
  const refused: PigmentError[] = []
  const zips: ZipFile[] = []
  for (const path of from) {
    const facts = await stat(path).catch((error: unknown) => {
      throw fileError(error, path, 'read')
    })
    const files = facts.isDirectory() ? await filesBelow(path, signal) : [path]
    for (const file of files) {
      signal.throwIfAborted()
      if (libraryName.test(basename(file))) parts.push(await loosePart(file))
      else if (await isZip(file))
        try {
          parts.push(...(await packed(file, zips, signal)))
        } catch (error) {
          if (!(error instanceof PigmentError)) throw error
          refused.push(error)
        }
    }
  }
  return {
    parts,
    refused,
    [Symbol.asyncDispose]: () => {
      for (const zip of zips) zip.close()
      return Promise.resolve()
    },
  }
}

/** Regular files, links to files of the same folder with them; a link that leads out of it is not followed. */
async function filesBelow(folder: string, signal: AbortSignal): Promise<string[]> {
  const top = await realpath(folder)
  const found: string[] = []
  const open = [{ at: folder, depth: 0 }]
  for (let next = open.pop(); next; next = open.pop()) {
    signal.throwIfAborted()
    for (const entry of await readdir(next.at, { withFileTypes: true }).catch(() => [])) {
      const path = join(next.at, entry.name)
      if (entry.isDirectory() && next.depth < limits.depth) open.push({ at: path, depth: next.depth + 1 })
      else if (entry.isFile() || (entry.isSymbolicLink() && libraryName.test(entry.name) && (await leadsInto(path, top)))) found.push(path)
      if (found.length > limits.files)
        throw new PigmentError(
          'folder-too-large',
          `"${folder}" holds more than ${limits.files} files. Name the folder of the packages itself.`,
          {
            path: folder,
            limit: limits.files,
          },
        )
    }
  }
  return found
}

async function leadsInto(link: string, top: string): Promise<boolean> {
  const target = await realpath(link).catch(() => undefined)
  return target !== undefined && !relative(top, target).startsWith('..') && (await stat(target)).isFile()
}

export async function loosePart(path: string): Promise<Part> {
  const { size } = await regularFile(path)
  const version = /\.so\.(\d+\.[\d.]+)$/.exec(basename(await realpath(path)))?.[1] ?? null
  return { name: basename(path), bytes: size, from: path, version, open: () => Promise.resolve(createReadStream(path)) }
}

async function isZip(path: string): Promise<boolean> {
  if (!['.whl', '.nupkg', '.zip'].includes(extname(path).toLowerCase())) return false
  await using handle = await openRegular(path)
  const { buffer: head } = await handle.read(Buffer.alloc(4), 0, 4, 0)
  return head.readUInt32BE(0) === 0x504b0304
}

async function packed(path: string, zips: ZipFile[], signal: AbortSignal): Promise<Part[]> {
  const refuse = (why: string, cause?: unknown): PigmentError =>
    new PigmentError('package-refused', `"${basename(path)}" is not read: ${why} Download it again.`, { path, why }, cause)
  try {
    const { size } = await regularFile(path)
    const zip = await yauzl.openPromise(path, { lazyEntries: true, autoClose: false, validateEntrySizes: true })
    zips.push(zip)
    if (zip.entryCount > limits.entries) throw refuse(`it lists ${zip.entryCount} entries.`)
    const entries: Entry[] = []
    for await (const entry of zip.eachEntry()) {
      signal.throwIfAborted()
      entries.push(entry)
    }
    if (overlap(entries)) throw refuse('its entries lie over one another (a zip bomb?).')
    if (entries.reduce((sum, entry) => sum + entry.uncompressedSize, 0) > limits.ratio * size + limits.slack)
      throw refuse('it would grow far beyond its size (a zip bomb?).')
    const text = async (pattern: RegExp): Promise<string> => {
      const entry = entries.find(({ fileName, uncompressedSize }) => pattern.test(fileName) && uncompressedSize < limits.text)
      return entry ? (await buffer(await zip.openReadStreamPromise(entry))).toString('utf8') : ''
    }
    const told = packageOf(await text(/^[^/]+\.dist-info\/METADATA$/), await text(/^[^/]+\.nuspec$/))
    const hashes = recordedHashes(await text(/^[^/]+\.dist-info\/RECORD$/))
    return entries.flatMap((entry): Part[] => {
      const name = basename(entry.fileName)
      if (!libraryName.test(name) || isLink(entry) || entry.isEncrypted()) return []
      const sha256 = hashes.get(entry.fileName)
      return [
        {
          name,
          bytes: entry.uncompressedSize,
          from: told ? `${told.name} ${told.version}` : basename(path),
          version: told?.version ?? null,
          ...(sha256 === undefined ? {} : { sha256 }),
          open: () => zip.openReadStreamPromise(entry),
        },
      ]
    })
  } catch (error) {
    if (error instanceof PigmentError || signal.aborted) throw error
    throw error instanceof Error && 'syscall' in error ? fileError(error, path, 'read') : refuse('it is damaged.', error)
  }
}

/** By a wheel's METADATA (Core metadata specifications) or a NuGet package's nuspec. */
function packageOf(metadata: string, nuspec: string): { name: string; version: string } | undefined {
  const field = (name: string): string | undefined =>
    new RegExp(`^${name}: (.+)$`, 'm').exec(metadata)?.[1]?.trim() ??
    new RegExp(`<${name === 'Name' ? 'id' : 'version'}>([^<]+)<`).exec(nuspec)?.[1]
  const [name, version] = [field('Name'), field('Version')]
  return name && version ? { name: name.slice(0, 80), version: version.slice(0, 40) } : undefined
}
