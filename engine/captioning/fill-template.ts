// What is made of the words that a captioner found: `{trigger}, {tags}`.
import { pictureStem } from '../images/picture-formats.ts'
import { PigmentError } from '../requests/error.ts'
import type { Captioned } from './captioner.ts'
import { wordsOfName } from './words-of-name.ts'

interface Facts extends Pick<Captioned, 'name' | 'folder'> {
  /** What was said of the picture. */
  readonly tags: string
  readonly trigger: string
}

const places = {
  tags: ({ tags }: Facts) => tags,
  trigger: ({ trigger }: Facts) => trigger,
  name: ({ name }: Facts) => wordsOfName(pictureStem(name)),
  folder: ({ folder }: Facts) => wordsOfName(folder),
} as const

/** Throws `template-unknown` where it names a place that there is not. */
export function checkTemplate(template: string): void {
  for (const [, place = ''] of template.matchAll(/\{(\w*)\}/g))
    if (!Object.hasOwn(places, place)) {
      const known = Object.keys(places).map((name) => `{${name}}`)
      throw new PigmentError('template-unknown', `The template has no place "{${place}}". Write ${known.join(', ')}.`, {
        place: `{${place}}`,
        known,
      })
    }
}

/** What stays empty takes the commas around it along. */
export function fillTemplate(template: string, facts: Facts): string {
  return template
    .replace(/\{(\w+)\}/g, (whole, place: string) => (Object.hasOwn(places, place) ? places[place as keyof typeof places](facts) : whole))
    .split(',')
    .map((part) => part.replace(/\s+/g, ' ').trim())
    .filter((part) => part !== '')
    .join(', ')
}
