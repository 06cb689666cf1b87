import { readRecipe } from '../../../engine/images/recipe.ts'
import { isRecalledName, readableFormats, sniffPicture } from '../../../engine/images/picture-formats.ts'
import type { Subject } from './subject.ts'

export const pictureSubject = {
  name: 'picture',

  async recognise({ path, first, folder, size }) {
    if (folder) return { no: 'it is a folder' }
    if (isRecalledName(path)) return 'yes'
    if (size === 0) return { no: 'the file is empty' }
    try {
      sniffPicture(first, path)
      return 'yes'
    } catch {
      return { no: `it does not begin as a ${readableFormats}` }
    }
  },

  async inspect({ path, size }) {
    const { checkPicture, readPictureFile } = await import('../../../engine/images/picture.ts')
    const { readPictureText } = await import('../../../engine/images/picture-text.ts')
    const bytes = await readPictureFile(path)
    const { format, width, height } = await checkPicture(bytes, path)
    const texts = await readPictureText(bytes, path)
    const recipe = readRecipe(texts)
    const read = recipe && 'prompt' in recipe ? recipe : undefined
    return {
      kind: 'picture' as const,
      path,
      format,
      width,
      height,
      sizeBytes: size,
      ...(recipe ? { program: recipe.program } : {}),
      ...(read
        ? { prompt: read.prompt, negativePrompt: read.negativePrompt, settings: Object.fromEntries(read.settings), loras: read.loras }
        : {}),
      otherTexts: texts
        .filter(({ text, omitted }) => omitted !== undefined || text !== read?.text)
        .map(({ keyword, text, omitted }) => ({ keyword, characters: omitted ?? text.length })),
    }
  },
} satisfies Subject
