import { basename } from 'node:path'
import { readPictureFile } from '../../../engine/images/picture.ts'
import { readPictureText } from '../../../engine/images/picture-text.ts'
import { readRecipe, type NamedLora } from '../../../engine/images/recipe.ts'

/** What the picture's texts say, whatever program wrote them (`Recipe`), as it crosses from the worker. */
export interface Said {
  readonly program: string
  readonly prompt: string
  readonly negative: string
  readonly settings: readonly (readonly [key: string, value: string])[]
  readonly loras: readonly NamedLora[]
  readonly text: string
  readonly form: string | null
  /** Known by its program, and not read. */
  readonly unread?: boolean
}

/** What a picture says of how it was made: hostile until shown as text. */
export async function recall({ path }: { path: string }): Promise<Said> {
  const texts = await readPictureText(await readPictureFile(path), basename(path))
  const form = texts.find(({ keyword }) => keyword === 'pigment')?.text ?? null
  const recipe = readRecipe(texts)
  if (!recipe || !('prompt' in recipe)) {
    const { program, text } = recipe ?? { program: '', text: '' }
    return { program, prompt: '', negative: '', settings: [], loras: [], text, form, unread: recipe !== undefined }
  }
  const { negativePrompt: negative, settings, ...said } = recipe
  return { ...said, negative, settings: [...settings], form }
}
