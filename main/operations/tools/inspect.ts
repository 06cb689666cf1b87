import { readdir, stat } from 'node:fs/promises'
import { fileError } from '../../../engine/files/file-error.ts'
import { refusePickle } from '../../../engine/files/pickle.ts'
import { openRegular } from '../../../engine/files/regular-file.ts'
import { PigmentError } from '../../../engine/requests/error.ts'
import type { OperationContext } from '../../processes/operation.ts'
import { adapterSubject } from '../inspect/adapter.ts'
import { checkpointSubject } from '../inspect/checkpoint.ts'
import { datasetSubject } from '../inspect/dataset.ts'
import { embeddingSubject } from '../inspect/embedding.ts'
import { pictureSubject } from '../inspect/picture.ts'
import type { Found, Subject } from '../inspect/subject.ts'

const subjects = [pictureSubject, embeddingSubject, adapterSubject, checkpointSubject, datasetSubject] as const satisfies readonly Subject[]

interface Question {
  readonly file: string
  /** The base model of an adapter, or the one whose buckets a data set is sorted into. */
  readonly model?: string | undefined
}
export type Inspected = Awaited<ReturnType<(typeof subjects)[number]['inspect']>>

/** Says what a file or folder is and what is in it. Throws `file-unknown`. */
export async function inspect({ file, model }: Question, { signal }: Pick<OperationContext, 'signal'>): Promise<Inspected> {
  const found = await look(file)
  const reasons: Record<string, string> = {}
  for (const subject of subjects) {
    const answer = await subject.recognise(found)
    if (answer === 'yes') return subject.inspect(found, { signal, model })
    reasons[subject.name] = answer.no
  }
  const list = Object.entries(reasons).map(([name, reason]) => `${name}: ${reason}`)
  throw new PigmentError(
    'file-unknown',
    `"${file}" is nothing that Pigment knows (${list.join('; ')}). Choose a .safetensors file, a diffusers folder, a picture, or a folder of pictures.`,
    { path: file, reasons },
  )
}

/** The little that tells kinds apart. Throws `file-not-found`, `pickle-refused` and the like. */
async function look(path: string): Promise<Found> {
  try {
    const { size, ...stats } = await statOf(path)
    if (stats.isFolder) return { path, folder: true, names: await readdir(path), first: new Uint8Array(), size: 0 }
    await using handle = await openRegular(path)
    const first = new Uint8Array(Math.min(size, 4096))
    await handle.read(first, 0, first.byteLength, 0)
    refusePickle(path, first)
    return { path, folder: false, names: [], first, size }
  } catch (error) {
    throw fileError(error, path, 'read')
  }
}

async function statOf(path: string): Promise<{ size: number; isFolder: boolean }> {
  const found = await stat(path)
  if (!found.isDirectory() && !found.isFile()) throw new PigmentError('file-unknown', `"${path}" is neither a file nor a folder.`, { path })
  return { size: found.size, isFolder: found.isDirectory() }
}
