// Which icon of a set shows which concept. The sets name their icons after four generations of emoji names, so several tables are asked in turn.
import { readFileSync } from 'node:fs'
import { loadConcepts, plainHexcode, readPackageJson, type Concept } from './concepts.ts'
import { baseStyles, sampleStyles } from './styles.ts'

export interface Icon {
  readonly body: string
  readonly left: number
  readonly top: number
  readonly width: number
  readonly height: number
}

interface IconSet {
  readonly icons: Readonly<Record<string, Partial<Icon> & { body: string }>>
  readonly aliases?: Readonly<Record<string, { parent: string; hFlip?: boolean; vFlip?: boolean; rotate?: number }>>
  readonly width?: number
  readonly height?: number
}

type Names = Map<string, Concept>

function readSet(style: string): IconSet {
  return readPackageJson<IconSet>(`@iconify-json/${style}/icons.json`)
}

function slug(name: string): string {
  const plain = name
    .toLowerCase()
    .normalize('NFD')
    .replace(/[\u0300-\u036f’'“”.!:,()]/g, '')
  return plain
    .replaceAll('&', 'and')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
}

/** Icon name → concept: by the sets' code points, by short name, then by the sets' own aliases of older names. */
function commonNames(concepts: readonly Concept[]): Names {
  const byHexcode = new Map(concepts.map((concept) => [plainHexcode(concept.hexcode), concept]))
  const names: Names = new Map(concepts.map((concept) => [slug(concept.name), concept]))
  const sets = [...baseStyles, ...sampleStyles].map((style) => style.id)
  for (const set of sets)
    for (const [hexcode, name] of Object.entries(readPackageJson<Record<string, string>>(`@iconify-json/${set}/chars.json`))) {
      const concept = byHexcode.get(plainHexcode(hexcode))
      if (concept && !names.has(name)) names.set(name, concept)
    }
  for (const set of sets)
    for (const [alias, { parent, hFlip, vFlip, rotate }] of Object.entries(readSet(set).aliases ?? {})) {
      const concept = names.get(parent)
      if (concept && !hFlip && !vFlip && !rotate && !names.has(alias)) names.set(alias, concept)
    }
  return names
}

/** fxemoji runs the words of Unicode's old names together, and has names of its own, which a table by eye resolves. */
function fxemojiNames(concepts: readonly Concept[], common: Names): Names {
  const squash = (text: string): string => text.toLowerCase().replace(/[^a-z0-9]/g, '')
  const names: Names = new Map()
  const add = (name: string, concept: Concept | undefined): void => {
    if (concept && !names.has(name)) names.set(name, concept)
  }
  const byHexcode = new Map(concepts.map((concept) => [plainHexcode(concept.hexcode), concept]))
  for (const [hexcode, name] of Object.entries(readPackageJson<Record<string, string>>('emojibase-data/meta/unicode-names.json')))
    add(squash(name), byHexcode.get(plainHexcode(hexcode)))
  for (const [name, concept] of common) add(squash(name), concept)
  for (const list of ['emojibase', 'github', 'iamcal', 'joypixels'])
    for (const [hexcode, codes] of Object.entries(
      readPackageJson<Record<string, string | string[]>>(`emojibase-data/en/shortcodes/${list}.json`),
    ))
      for (const code of [codes].flat()) add(squash(code), byHexcode.get(plainHexcode(hexcode)))
  for (const [name, concept] of [...names]) if (name.endsWith('face')) add(name.slice(0, -4), concept)
  const byEye = JSON.parse(readFileSync(new URL('fxemoji-names.json', import.meta.url), 'utf8')) as Record<string, string | null>
  const byName = new Map(concepts.map((concept) => [concept.name, concept]))
  for (const [icon, name] of Object.entries(byEye)) {
    const concept = name === null ? undefined : byName.get(name)
    if (concept) names.set(icon, concept)
    else names.delete(icon)
  }
  return names
}

let cachedNames: { common: Names; fxemoji: Names } | undefined

function namesFor(style: string): Names {
  if (!cachedNames) {
    const concepts = loadConcepts()
    const common = commonNames(concepts)
    cachedNames = { common, fxemoji: fxemojiNames(concepts, common) }
  }
  return style === 'fxemoji' ? cachedNames.fxemoji : cachedNames.common
}

/** The icons of a set that show a concept in scope, one for each concept, in Unicode's order; only the default skin tone. */
export function loadIcons(style: string): { concept: Concept; icon: Icon }[] {
  const set = readSet(style)
  const names = namesFor(style)
  const found = new Map<string, { concept: Concept; icon: Icon; exact: boolean }>()
  for (const [name, { body, left = 0, top = 0, width = set.width ?? 16, height = set.height ?? 16 }] of Object.entries(set.icons)) {
    if (/skin-tone|-tone\d/.test(name)) continue
    // streamline numbers its drawings of one concept; the first is taken.
    const concept = names.get(name) ?? names.get(name.replace(/-\d$/, ''))
    const exact = concept !== undefined && slug(concept.name) === name
    if (!concept || (found.has(concept.name) && !exact)) continue
    found.set(concept.name, { concept, icon: { body, left, top, width, height }, exact })
  }
  return loadConcepts().flatMap(({ name }) => {
    const hit = found.get(name)
    return hit ? [{ concept: hit.concept, icon: hit.icon }] : []
  })
}
