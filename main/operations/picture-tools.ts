import { basename } from 'node:path'
import { writeFileAtomic } from '../../engine/files/atomic.ts'
import { cropPicture, type Box } from '../../engine/images/crop.ts'
import { readPictureFile } from '../../engine/images/picture.ts'
import { readPictureText } from '../../engine/images/picture-text.ts'
import { readRecipe } from '../../engine/images/recipe.ts'
import { lookAt, measurePicture, thumbnail } from '../../engine/images/thumbnail.ts'
import { errorRecord, type ErrorRecord } from '../../engine/requests/error.ts'
import { captionEditor, type Edit } from './bulk-edit.ts'
import type { Looked, Measured } from './calls.ts'
import type { CallContext } from '../processes/serve-calls.ts'
import type { Said } from './calls.ts'

const atOnce = 4

export const pictureTools = {
  /** Writes a thumbnail to `out`, whole or not at all. */
  async thumbnail({ path, side, out }: { path: string; side: number; out: string }): Promise<void> {
    await writeFileAtomic(out, await thumbnail(await readPictureFile(path), basename(path), side))
  },

  /** The part of a picture in its place. */
  async crop({ path, box }: { path: string; box: Box }): Promise<void> {
    await writeFileAtomic(path, await cropPicture(await readPictureFile(path), basename(path), box), { replaceLink: true })
  },

  async measure({ paths }: { paths: readonly string[] }, { signal, emit }: CallContext): Promise<readonly Measured[]> {
    return each(paths, measurePicture, signal, emit)
  },

  async look({ paths }: { paths: readonly string[] }, { signal, emit }: CallContext): Promise<readonly Looked[]> {
    return each(paths, async (path) => lookAt(await readPictureFile(path), basename(path)), signal, emit)
  },

  /** Captions after a change; here, because a regular expression of a person's own may never end. */
  editCaptions: ({ captions, edit }: { captions: readonly string[]; edit: Edit }): Promise<string[]> =>
    Promise.resolve(captions.map(captionEditor(edit))),

  /** What a picture says of how it was made: hostile until shown as text. */
  async recall({ path }: { path: string }): Promise<Said> {
    const texts = await readPictureText(await readPictureFile(path), basename(path))
    const form = texts.find(({ keyword }) => keyword === 'pigment')?.text ?? null
    const recipe = readRecipe(texts)
    if (!recipe || !('prompt' in recipe)) {
      const { program, text } = recipe ?? { program: '', text: '' }
      return { program, prompt: '', negative: '', settings: [], loras: [], text, form, unread: recipe !== undefined }
    }
    const { negativePrompt: negative, settings, ...said } = recipe
    return { ...said, negative, settings: [...settings], form }
  },
}

async function each<T>(
  paths: readonly string[],
  work: (path: string) => Promise<T>,
  signal: AbortSignal,
  emit: (event: unknown) => void,
): Promise<(T | { error: ErrorRecord })[]> {
  const results: (T | { error: ErrorRecord })[] = Array.from({ length: paths.length })
  let done = 0
  const pending = paths.entries()
  const worker = async (): Promise<void> => {
    for (const [i, path] of pending) {
      signal.throwIfAborted()
      results[i] = await work(path).catch((error: unknown) => ({ error: errorRecord(error) }))
      emit({ done: ++done, total: paths.length })
    }
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
  return results
}
