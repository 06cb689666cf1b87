// Pictures from folders, files and zips into a folder of Pigment's. Names are made safe; captions come along; nothing is overwritten.
import { constants } from 'node:fs'
import { copyFile, readdir, rm, stat, statfs } from 'node:fs/promises'
import { basename, dirname, extname, join } from 'node:path'
import { mkdir } from 'node:fs/promises'
import { fileError } from '../../engine/files/file-error.ts'
import { PigmentError } from '../../engine/spec/error.ts'
import { safeName } from '../stores/safe-name.ts'
import type { Task } from '../studio/tasks.ts'
import { isPicture } from './scan.ts'
import { extractZip } from './zip.ts'

const mostEntries = 500_000
const deepest = 16
/** Left free on the disk. */
const reserve = 256 * 2 ** 20

interface Wanted {
  readonly from: string
  /** `10_name/picture.png` or `picture.png`. */
  readonly to: string
  readonly bytes: number
}

/** Brings all pictures of `sources` into `target` and gives their number. Throws `dataset-empty`, `disk-full`, `zip-refused`, `not-readable`. */
export async function importPictures(sources: readonly string[], target: string, task: Task, work: string): Promise<number> {
  const wanted: Wanted[] = []
  const unpacked: string[] = []
  try {
    for (const source of sources) {
      const found = await stat(source).catch((error: unknown) => {
        throw fileError(error, source, 'read')
      })
      if (found.isDirectory()) await walk(source, basename(source), wanted, task, 0)
      else if (/\.zip$/i.test(source)) {
        const folder = join(work, `zip-${unpacked.length}-${process.pid}-${Date.now()}`)
        unpacked.push(folder)
        await extractZip(source, folder, task)
        await walk(folder, '', wanted, task, 0)
      } else add(wanted, source, '', found.size)
    }
    const pictures = wanted.filter(({ to }) => isPicture(basename(to))).length
    if (pictures === 0)
      throw new PigmentError('dataset-empty', 'There is no PNG, JPEG, WebP or AVIF picture in what was given.', {
        sources: sources.map((path) => basename(path)),
      })
    await checkRoom(target, wanted)
    await copyAll(wanted, target, task)
    return pictures
  } finally {
    for (const folder of unpacked) await rm(folder, { recursive: true, force: true })
  }
}

async function walk(folder: string, name: string, wanted: Wanted[], task: Task, depth: number): Promise<void> {
  task.signal.throwIfAborted()
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
    throw fileError(error, folder, 'read')
  })
  // Kohya's `10_name` keeps its folder; what lies in others comes together in the set's own.
  const own = /^[1-9]\d{0,3}_/.test(name) ? safeName(name) : ''
  for (const entry of entries) {
    if (entry.name.startsWith('.') || entry.isSymbolicLink()) continue
    const path = join(folder, entry.name)
    if (entry.isDirectory()) {
      if (depth < deepest) await walk(path, entry.name, wanted, task, depth + 1)
    } else if (isPicture(entry.name) || /\.(txt|caption)$/i.test(entry.name))
      add(wanted, path, own, (await stat(path).catch(() => ({ size: 0 }))).size)
    if (wanted.length > mostEntries)
      throw new PigmentError('dataset-too-large', `These are more than ${mostEntries} files.`, { limit: mostEntries })
  }
  task.progress(wanted.length, wanted.length + 1, 'looking')
}

function add(wanted: Wanted[], from: string, folder: string, bytes: number): void {
  const name = safeName(basename(from))
  wanted.push({ from, to: folder ? `${folder}/${name}` : name, bytes })
}

async function checkRoom(target: string, wanted: readonly Wanted[]): Promise<void> {
  const disk = await statfs(dirname(target))
  const needed = wanted.reduce((sum, { bytes }) => sum + bytes, 0)
  const room = disk.bavail * disk.bsize - reserve
  if (needed <= room) return
  throw new PigmentError(
    'disk-full',
    `Copying needs ${gigabytes(needed)} GB, and the disk of "${target}" has ${gigabytes(Math.max(0, room))} GB to spare. Use the folder where it is instead of copying it.`,
    { needed, room, path: target },
  )
}

const gigabytes = (bytes: number): string => (bytes / 1e9).toFixed(1)

async function copyAll(wanted: readonly Wanted[], target: string, task: Task): Promise<void> {
  const written: string[] = []
  /** The stem that a picture of this folder got, so that its caption follows. */
  const stems = new Map<string, string>()
  const taken = new Set<string>()
  const order = wanted.toSorted((a, b) => Number(isPicture(basename(b.to))) - Number(isPicture(basename(a.to))))
  try {
    for (const [i, { from, to }] of order.entries()) {
      task.signal.throwIfAborted()
      task.progress(i, order.length, 'copying')
      const home = `${dirname(from)}\0${basename(from, extname(from))}`
      const picture = isPicture(basename(to))
      const stem = stems.get(home)
      if (!picture && stem === undefined) continue
      const free = picture ? await freeName(target, to, taken) : `${stem}${extname(to)}`
      taken.add(fold(free))
      if (picture) stems.set(home, free.slice(0, -extname(free).length))
      const path = join(target, ...free.split('/'))
      await mkdir(dirname(path), { recursive: true })
      // Where a caption of that name stands already it is kept.
      await copyFile(from, path, constants.COPYFILE_EXCL).catch((error: NodeJS.ErrnoException) => {
        if (picture || error.code !== 'EEXIST') throw fileError(error, path, 'write')
      })
      written.push(path)
    }
    task.progress(order.length, order.length, 'copying')
  } catch (error) {
    for (const path of written) await rm(path, { force: true }).catch(() => undefined)
    throw error
  }
}

/** `name.png`, `name 2.png` …, whatever its letter case: some disks do not tell them apart. Pictures share no stem, so each has its caption. */
async function freeName(target: string, to: string, taken: Set<string>): Promise<string> {
  const ending = extname(to)
  const stem = to.slice(0, to.length - ending.length)
  for (let i = 1; ; i++) {
    const name = `${i === 1 ? stem : `${stem} ${i}`}${ending}`
    const bare = fold(name.slice(0, -ending.length))
    if (taken.has(bare) || taken.has(fold(name))) continue
    if (await exists(join(target, ...name.split('/')))) continue
    taken.add(bare)
    return name
  }
}

const fold = (name: string): string => name.normalize('NFC').toLowerCase()
const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  )
