// The words of the language in use. Components call `t`; a change of language redraws them.
import { en, type Key } from './en.ts'
import { fill } from './fill.ts'
import { zh } from './zh.ts'

export type Language = 'en' | 'zh'
export type { Key }
const catalogues: Readonly<Record<Language, Readonly<Record<Key, string>>>> = { en, zh }
const tags: Readonly<Record<Language, string>> = { en: 'en', zh: 'zh-CN' }

let language = $state<Language>('en')

export const languageNow = (): Language => language

/** The system's language, as far as there is a catalogue for it. */
export const systemLanguage = (): Language => (navigator.language.toLowerCase().startsWith('zh') ? 'zh' : 'en')

export function setLanguage(chosen: Language): void {
  language = chosen
  document.documentElement.lang = tags[chosen]
}

export const t = (key: Key, values: Readonly<Record<string, string | number>> = {}): string =>
  fill(catalogues[language][key], values, tags[language])

/** The words for a key that only the host knows, or its own English ones. */
export const wordsFor = (key: string, otherwise: string): string =>
  key in catalogues[language] ? catalogues[language][key as Key] : otherwise

/** “Import …” opens a dialog whose title and button are “Import”. */
export const withoutDots = (words: string): string => words.replace(/\s*…+$/, '')

export const number = (value: number, digits = 2): string =>
  new Intl.NumberFormat(tags[language], {
    maximumSignificantDigits: value >= 1000 ? 21 : digits + 1,
    maximumFractionDigits: digits,
  }).format(value)

/** A bound or a setting, with all its digits; only long numbers are grouped. */
export const exact = (value: number): string =>
  new Intl.NumberFormat(tags[language], { maximumSignificantDigits: 15, useGrouping: 'min2' }).format(value)

/** Only the order of magnitude is meant: 3.5B, 35亿. */
export const compact = (value: number): string =>
  new Intl.NumberFormat(tags[language], { notation: 'compact', maximumSignificantDigits: 3 }).format(value)

export const percent = (share: number): string =>
  new Intl.NumberFormat(tags[language], { style: 'percent', maximumSignificantDigits: 2 }).format(share)

export function bytes(count: number): string {
  const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const
  const power = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, count)) / 3)))
  const unit = units[power] ?? 'byte'
  const options = { style: 'unit', unit, unitDisplay: power === 0 ? 'long' : 'short', maximumSignificantDigits: 3 } as const
  return new Intl.NumberFormat(tags[language], options).format(count / 1000 ** power)
}

/** Seconds as the two largest units. */
export function duration(seconds: number): string {
  const show = (value: number, unit: 'hour' | 'minute' | 'second') =>
    new Intl.NumberFormat(tags[language], { style: 'unit', unit, unitDisplay: 'short', maximumFractionDigits: 0 }).format(value)
  const whole = Math.max(0, Math.round(seconds))
  if (whole < 60) return show(whole, 'second')
  if (whole < 3600) return `${show(Math.floor(whole / 60), 'minute')} ${show(whole % 60, 'second')}`
  return `${show(Math.floor(whole / 3600), 'hour')} ${show(Math.floor((whole % 3600) / 60), 'minute')}`
}

export const when = (at: number): string => new Intl.DateTimeFormat(tags[language], { dateStyle: 'medium', timeStyle: 'short' }).format(at)
