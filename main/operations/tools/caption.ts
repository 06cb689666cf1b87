import { basename } from 'node:path'
import type { OpenCaptioner } from '../../../engine/captioning/captioner.ts'
import { fillTemplate } from '../../../engine/captioning/fill-template.ts'
import { decodePicture, readPictureFile, type Picture } from '../../../engine/images/picture.ts'
import { errorRecord, PigmentError, type ErrorRecord } from '../../../engine/requests/error.ts'
import type { OperationContext } from '../../processes/operation.ts'
import { withCaptioner } from '../held-captioner.ts'

export interface ToCaption {
  readonly file: string
  /** Its name; of pictures in none of their own, that of the set's. */
  readonly folder: string
  readonly caption: string
  readonly stamp: string
}
export interface CaptionTask {
  readonly with: string
  readonly options: Readonly<Record<string, unknown>>
  readonly template: string
  readonly trigger: string
  /** 0: as many as there are. */
  readonly threads: number
  readonly pictures: readonly ToCaption[]
}
/** Empty words: there is nothing to say. */
export type Said = { readonly words: string } | { readonly error: ErrorRecord }
export interface SaidOf {
  readonly index: number
  readonly said: Said
}

/** What is said of each picture. One that cannot be read does not spoil the others; a model that cannot be run ends it. */
export function caption(task: CaptionTask, { signal, emit }: OperationContext<SaidOf>): Promise<readonly Said[]> {
  return withCaptioner(task.with, task.threads, async (captioner) => {
    const all: Said[] = []
    for (const [index, picture] of task.pictures.entries()) {
      signal.throwIfAborted()
      const said = await ask(captioner, picture, task)
      all.push(said)
      emit({ index, said })
    }
    return all
  })
}

async function ask(captioner: OpenCaptioner, { file, folder, caption, stamp }: ToCaption, task: CaptionTask): Promise<Said> {
  const name = basename(file)
  let unread: ErrorRecord | undefined
  const picture = async (): Promise<Picture> => {
    try {
      return await decodePicture(await readPictureFile(file), name)
    } catch (error) {
      unread = errorRecord(error)
      throw error
    }
  }
  try {
    const tags = await captioner.say({ name, folder, caption, stamp: `${file} ${stamp}`, picture }, task.options)
    return { words: fillTemplate(task.template, { name, folder, tags, trigger: task.trigger }) }
  } catch (error) {
    if (unread) return { error: unread }
    throw error instanceof PigmentError
      ? error
      : new PigmentError(
          'captioner-failed',
          `The captioner stopped at "${name}": ${errorRecord(error).message}. Choose other options, or another captioner.`,
          { name, reason: errorRecord(error).message },
          error,
        )
  }
}
