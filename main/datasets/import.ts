// Pictures from folders, files and zips into a folder of Pigment's. Names are made safe; captions come along; nothing is overwritten.
import { mkdir, readdir, rm, stat, statfs, writeFile } from 'node:fs/promises'
import { basename, dirname, extname, join } from 'node:path'
import { fold } from '../../engine/datasets/pairs.ts'
import type { LeftOut } from '../../engine/datasets/scan-folder.ts'
import { answering } from '../../engine/files/answering.ts'
import { fileError } from '../../engine/files/file-error.ts'
import { copyRegular } from '../../engine/files/regular-file.ts'
import { isPictureName, readableFormats } from '../../engine/images/picture-formats.ts'
import { byteSize } from '../../engine/requests/byte-size.ts'
import { PigmentError } from '../../engine/requests/error.ts'
import type { Task } from '../processes/tasks.ts'
import { captionEnding, Gathering, type Wanted } from './gather.ts'
import { extractZip } from './zip.ts'

/** Left free on the disk. */
export const reserve = 256 * 2 ** 20

export interface Imported {
  readonly pictures: number
  readonly leftOut: readonly LeftOut[]
}

/** Brings all pictures of `sources` into `target`. Throws `dataset-empty`, `disk-full`, `zip-refused`, `not-readable`. */
export async function importPictures(sources: readonly string[], target: string, task: Task, work: string): Promise<Imported> {
  const unpacked: string[] = []
  try {
    const gathered = new Gathering(task)
    const files: string[] = []
    for (const source of sources) {
      const found = await answering(source, (ask) => ask(() => stat(source))).catch((error: unknown) => {
        throw fileError(error, source, 'read')
      })
      if (found.isDirectory()) await gathered.folder(source)
      else if (/\.zip$/i.test(source)) {
        const folder = join(work, `zip-${unpacked.length}-${process.pid}-${Date.now()}`)
        unpacked.push(folder)
        gathered.leftOut.push(...(await extractZip(source, folder, task)))
        await gathered.folder(folder, '')
      } else files.push(source)
    }
    await gathered.files(files)
    const wanted = gathered.done()
    const { leftOut } = gathered
    if (wanted.length === 0) throw nothing(sources, leftOut)
    await checkRoom(target, wanted)
    await copyAll(wanted, target, task)
    return { pictures: wanted.length, leftOut }
  } finally {
    for (const folder of unpacked) await rm(folder, { recursive: true, force: true })
  }
}

function nothing(sources: readonly string[], leftOut: readonly LeftOut[]): PigmentError {
  const [first] = leftOut
  const others = first ? ` ${leftOut.length} left out; the first: ${first.record.message}` : ''
  return new PigmentError('dataset-empty', `There is no ${readableFormats} picture in what was given.${others}`, {
    sources: sources.map((path) => basename(path)),
    leftOut: leftOut.slice(0, 20).map(({ path, record: { code, message } }) => ({ path, code, message })),
  })
}

async function checkRoom(target: string, wanted: readonly Wanted[]): Promise<void> {
  const disk = await statfs(dirname(target))
  const needed = wanted.reduce((sum, { bytes }) => sum + bytes, 0)
  const free = disk.bavail * disk.bsize
  if (needed <= free - reserve) return
  throw new PigmentError(
    'disk-full',
    `Copying needs ${byteSize(needed)}, and the disk of "${target}" has ${byteSize(free)}, of which ${byteSize(reserve)} stay free. Free some space, or use the folder where it is instead of copying it.`,
    { needed, free, reserve, path: target },
  )
}

async function copyAll(wanted: readonly Wanted[], target: string, task: Task): Promise<void> {
  const written: string[] = []
  const taken = await stemsIn(target)
  try {
    for (const [i, { from, to, caption }] of wanted.entries()) {
      task.signal.throwIfAborted()
      task.progress(i, wanted.length, 'copying')
      const free = await freeName(target, to, taken)
      const path = join(target, ...free.split('/'))
      await mkdir(dirname(path), { recursive: true })
      await copyRegular(from, path).catch((error: unknown) => {
        throw fileError(error, path, 'write')
      })
      written.push(path)
      if (!caption) continue
      const beside = path.slice(0, -extname(path).length) + ('file' in caption ? captionEnding(caption.file) : '.txt')
      try {
        if ('file' in caption) await copyRegular(caption.file, beside)
        else await writeFile(beside, `${caption.text}\n`, { flag: 'wx' })
        written.push(beside)
      } catch (error) {
        // Where a caption of that name stands already it is kept.
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw fileError(error, beside, 'write')
      }
    }
    task.progress(wanted.length, wanted.length, 'copying')
  } catch (error) {
    for (const path of written) await rm(path, { force: true }).catch(() => undefined)
    throw error
  }
}

/** The names that pictures have there already, without their endings. */
async function stemsIn(target: string): Promise<Set<string>> {
  const stems = new Set<string>()
  const top = await readdir(target, { withFileTypes: true }).catch(() => [])
  for (const entry of top) {
    const inside = entry.isDirectory() ? await readdir(join(target, entry.name)).catch(() => []) : []
    for (const path of [entry.name, ...inside.map((name) => `${entry.name}/${name}`)])
      if (isPictureName(basename(path))) stems.add(fold(path.slice(0, -extname(path).length)))
  }
  return stems
}

/** `name.png`, `name 2.png` …, whatever its letter case: some disks do not tell them apart. Pictures share no stem, so each has its caption. */
async function freeName(target: string, to: string, taken: Set<string>): Promise<string> {
  const ending = extname(to)
  const stem = to.slice(0, to.length - ending.length)
  for (let i = 1; ; i++) {
    const name = `${i === 1 ? stem : `${stem} ${i}`}${ending}`
    const bare = fold(name.slice(0, -ending.length))
    if (taken.has(bare)) continue
    if (await exists(join(target, ...name.split('/')))) continue
    taken.add(bare)
    return name
  }
}

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  )
