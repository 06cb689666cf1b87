// Changes to many captions at once, as pure functions of a caption.
import type { z } from 'zod'
import type { bulkEdit } from '../api/methods/datasets.ts'
import { PigmentError } from '../../engine/requests/error.ts'

export type Edit = z.output<typeof bulkEdit>

const longestCaption = 20_000

/** The change as a function. Throws `regex-invalid`. */
export function captionEditor(edit: Edit): (caption: string) => string {
  const clip = (text: string): string => text.slice(0, longestCaption)
  switch (edit.kind) {
    case 'add':
      return (caption) => {
        const present = new Set(tagsOf(caption).map(fold))
        const fresh = edit.tags.filter((tag) => !present.has(fold(tag)))
        const own = tagsOf(caption)
        return fresh.length === 0 ? caption : clip((edit.at === 'start' ? [...fresh, ...own] : [...own, ...fresh]).join(', '))
      }
    case 'remove': {
      const gone = new Set(edit.tags.map(fold))
      return (caption) => {
        const own = tagsOf(caption)
        const kept = own.filter((tag) => !gone.has(fold(tag)))
        return kept.length === own.length ? caption : kept.join(', ')
      }
    }
    case 'replace': {
      const pattern = patternOf(edit.find, edit.regex, edit.caseSensitive)
      const by = edit.regex ? edit.with : edit.with.replaceAll('$', '$$$$')
      return (caption) => clip(caption.replace(pattern, by).replace(/[\r\n]+/g, ' '))
    }
    case 'set':
      return () => edit.caption.replace(/[\r\n]+/g, ' ').trim()
  }
}

function patternOf(find: string, regex: boolean, caseSensitive: boolean): RegExp {
  try {
    return new RegExp(regex ? find : find.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&'), caseSensitive ? 'gu' : 'giu')
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : ''
    throw new PigmentError('regex-invalid', `"${find}" is not a regular expression: ${reason}`, { find, reason })
  }
}

export function tagsOf(caption: string): string[] {
  return caption
    .split(',')
    .map((tag) => tag.trim())
    .filter((tag) => tag !== '')
}

const fold = (tag: string): string => tag.trim().toLowerCase()
