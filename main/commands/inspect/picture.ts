import { parseInfotext } from '../../../engine/images/infotext.ts'
import { readableFormats, sniffPicture } from '../../../engine/images/picture-format.ts'
import type { Subject } from './subject.ts'

const extension = /\.(png|jpe?g|webp|avif)$/i

export const pictureSubject: Subject = {
  name: 'picture',

  async recognise({ path, first, folder, size }) {
    if (folder) return { no: 'it is a folder' }
    if (extension.test(path)) return 'yes'
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
    const parameters = texts.find(({ keyword }) => keyword === 'parameters')
    const settings = parameters && parseInfotext(parameters.text)
    return {
      format,
      width,
      height,
      sizeBytes: size,
      ...(settings
        ? { prompt: settings.prompt, negativePrompt: settings.negativePrompt, settings: Object.fromEntries(settings.settings) }
        : {}),
      otherTexts: texts.filter((text) => text !== parameters).map(({ keyword, text }) => ({ keyword, characters: text.length })),
    }
  },
}
