// What kind of picture a file is, told without the library that decodes it.
import { PigmentError } from '../requests/error.ts'
import type { Head, PictureFormat } from './formats/format.ts'
import { foreignFormats } from './formats/foreign.ts'
import { pictureFormats } from './formats/index.ts'

const inOrder = pictureFormats.toSorted((a, b) => a.place - b.place)
const titles = inOrder.map(({ title }) => title)
/** As sentences name those that are read. */
export const readableFormats = `${titles.slice(0, -1).join(', ')} or ${titles.at(-1)}`

const endingOf = (endings: readonly string[]): RegExp => new RegExp(`\\.(${endings.join('|')})$`, 'i')
const endingsOf = (formats: readonly { readonly endings: readonly string[] }[]): string[] => formats.flatMap(({ endings }) => endings)
const counted = foreignFormats.filter(({ counts }) => counts)
/** What pictures that are read are called, also where the name is wrong about the kind: the content decides. */
export const pictureEndings: readonly string[] = [...endingsOf(inOrder), ...endingsOf(counted)]
const ending = endingOf(pictureEndings)
const foreignEnding = endingOf(endingsOf(counted))
const otherEnding = endingOf(endingsOf(foreignFormats.filter(({ counts }) => !counts)))
const photoEnding = endingOf(endingsOf(foreignFormats.filter(({ photo }) => photo)))
const recalledEnding = endingOf(endingsOf(inOrder.filter(({ recalled }) => recalled)))

/** Whether a file is taken for a picture by its name. */
export const isPictureName = (name: string): boolean => ending.test(name) && !name.startsWith('.')
/** Whether a file shows something that cannot be read here. */
export const isOtherPictureName = (name: string): boolean => otherEnding.test(name) && !name.startsWith('.')
/** Whether a file that cannot be read is no damaged picture, but one of a format that its name tells. */
export const isForeignName = (name: string): boolean => foreignEnding.test(name)
/** Whether it may once have been meant as a picture, of a format that is read or not. */
export const isPhotoName = (name: string): boolean => isPictureName(name) || photoEnding.test(name)
/** Whether a picture of this name may say how it was made. */
export const isRecalledName = (name: string): boolean => recalledEnding.test(name)
/** The name without a picture's ending. */
export const pictureStem = (name: string): string => name.replace(ending, '')

/** The format by content; the extension is not asked, it is wrong too often. */
export function sniffPicture(bytes: Uint8Array, name: string): PictureFormat {
  if (bytes.length === 0) throw new PigmentError('picture-empty', `"${name}" is an empty file. Delete it or copy it again.`, { name })
  const head: Head = { bytes, text: (from, to) => String.fromCharCode(...bytes.subarray(from, to)) }
  const format = inOrder.find((one) => one.recognise(head))
  if (format) return format
  const start = head.text(0, 64)
  const kind = foreignFormats.find(({ recognise }) => recognise?.test(start))?.title
  const sentence = kind
    ? `"${name}" is a picture in the format ${kind}, which is not read here. Save it as PNG or JPEG and bring that.`
    : `"${name}" is not a ${readableFormats} picture, whatever its extension says. Save it as PNG and try again.`
  throw new PigmentError('picture-format', sentence, { name, ...(kind ? { kind } : {}) })
}
