// What can be drawn: the emoji of Unicode with their CLDR short names and keywords, symbols and flags left out.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

export interface Concept {
  /** CLDR short name, as written there. */
  readonly name: string
  readonly hexcode: string
  readonly keywords: readonly string[]
  /** Variants of one thing (man, woman, person; hair; direction) share a family and stay on one side of every split. */
  readonly family: string
  /** Unicode's group, e.g. `animals-nature`; used to choose diverse samples. */
  readonly group: string
  /** Whether the mirrored picture still shows the same thing. */
  readonly mirror: boolean
}

interface EmojiRecord {
  readonly label: string
  readonly hexcode: string
  readonly tags?: readonly string[]
  readonly group?: number
  readonly subgroup?: number
}

const groups: Readonly<Record<number, string>> = {
  0: 'smileys-emotion',
  1: 'people-body',
  3: 'animals-nature',
  4: 'food-drink',
  5: 'travel-places',
  6: 'activities',
  7: 'objects',
}

const require = createRequire(import.meta.url)

/** A JSON file of an installed package. */
export function readPackageJson<T>(path: string): T {
  return JSON.parse(readFileSync(require.resolve(path), 'utf8')) as T
}

/** Code points without the variation selector, lower-case: how the same emoji compares equal everywhere. */
export function plainHexcode(hexcode: string): string {
  return hexcode.toLowerCase().replaceAll('-fe0f', '')
}

const oneFamily: readonly [RegExp, string][] = [
  [/o’clock|-thirty/, 'clock face'],
  [/^family/, 'family'],
  [/^kiss(:|$)/, 'kiss'],
  [/^couple with heart/, 'couple with heart'],
  [/holding hands$/, 'holding hands'],
  [/claus$/, 'claus'],
  [/^(prince|princess|person with crown)$/, 'royalty'],
  [/^(mermaid|merman|merperson)$/, 'merperson'],
  [/^(boy|girl|child)$/, 'child'],
  [/^old(er)? (man|woman|person)$/, 'old person'],
  [/^(breast-feeding|.* feeding baby)$/, 'feeding baby'],
  [/^globe showing/, 'globe'],
  [/mailbox/, 'mailbox'],
  [/banknote$/, 'banknote'],
  [/^magnifying glass/, 'magnifying glass'],
  [/^(1st|2nd|3rd) place medal$/, 'place medal'],
]

/** The family of a short name: whoever does it, whichever way they face, is left away. */
export function familyOf(name: string, isPerson: boolean): string {
  const text = name.toLowerCase()
  for (const [pattern, family] of oneFamily) if (pattern.test(text)) return family
  if (!isPerson) return text
  const doing = text
    .replace(/ facing right$/, '')
    .replace(/:.*$/, '')
    .replace(/^(pregnant )?(man|woman|men|women|person|people)\b/, '$1')
    .replace(/^deaf (man|woman|person)$/, 'deaf')
    .trim()
  return doing === '' ? 'person' : doing.replace(/^(with|in|wearing|getting) /, '')
}

const oneSided =
  /left|right|clock|-thirty|o’clock|\bmoon\b|dollar|yen|euro|pound|medal|calendar|hundred|zzz|number|newspaper|musical|map|globe|joker|mahjong|pool 8|atm|keyboard|abacus|ruler|ticket|label|hammer and wrench|card index|identification|love hotel|japanese|watch|statue|thermometer|placard|dvd|cash|convenience|police car|ambulance|hospital|bank|chart|receipt|game die|slot|dna|scroll|memo|page|bookmark|notebook|book|badge/

/** Words of chat rather than of pictures. */
const slang = new Set(
  'ily omg whatever bae xoxo bff bestie bro babe dating flirt feels lol probing you not up no it me my is oh'.split(' '),
)
/** A keyword counts when at least so many concepts have it; rarer ones would cost the vocabulary more than they say. */
const commonFrom = 4
const mostKeywords = 6

/** Every concept in scope, in Unicode's order; keywords from the commonest on. */
export function loadConcepts(): Concept[] {
  const records = readPackageJson<EmojiRecord[]>('emojibase-data/en/data.json').filter((record) => groups[record.group ?? -1])
  const uses = new Map<string, number>()
  for (const { tags } of records) for (const tag of tags ?? []) uses.set(tag, (uses.get(tag) ?? 0) + 1)
  return records.flatMap((record) => {
    const group = groups[record.group ?? -1]
    if (group === undefined) return []
    const name = record.label
    const own = new Set(name.toLowerCase().split(/[^a-z]+/))
    const keywords = (record.tags ?? [])
      .filter((tag) => /^[a-z]{2,}$/.test(tag) && !own.has(tag) && !slang.has(tag) && (uses.get(tag) ?? 0) >= commonFrom)
      .sort((a, b) => (uses.get(b) ?? 0) - (uses.get(a) ?? 0) || (a < b ? -1 : 1))
      .slice(0, mostKeywords)
    const family = familyOf(name, group === 'people-body')
    return [{ name, hexcode: record.hexcode, keywords, family, group, mirror: !oneSided.test(name.toLowerCase()) }]
  })
}
