// Which adapters of the library are wanted, and in which order: the same for screens, terminal and HTTP.
import { z } from 'zod'
import type { AdapterCard } from './methods/library.ts'

export const adapterOrders = ['date', 'name', 'rating', 'used'] as const

export const adapterFilter = z.strictObject({
  /** Words that all must be found; `tag:ink`, `family:sdxl`, `base:…`, `folder:…`, `name:…`, `trigger:…` and `rating:4` look in one field. */
  text: z.string().max(500).default(''),
  family: z.string().max(100).optional(),
  tag: z.string().max(60).optional(),
  /** At least so many stars. */
  rating: z.int().min(0).max(5).default(0),
  favourite: z.boolean().default(false),
  /** With those inside it. */
  folder: z.string().max(1000).optional(),
  kind: z.enum(['adapter', 'embedding']).optional(),
  /** Only those whose tensors another one holds too, and only those that cannot be used. */
  twice: z.boolean().default(false),
  broken: z.boolean().default(false),
  sort: z.enum(adapterOrders).default('date'),
})
export type AdapterFilter = z.output<typeof adapterFilter>
export const everyAdapter: AdapterFilter = adapterFilter.parse({})

/** Words in quotes are one. */
const word = /(?:(\w+):)?(?:"([^"]*)"|(\S+))/g

const fields: Readonly<Record<string, (card: AdapterCard) => readonly string[]>> = {
  name: ({ name, title }) => [name, title],
  tag: ({ tags }) => tags,
  family: ({ family }) => [family],
  base: ({ base }) => [base],
  folder: ({ folder }) => [folder],
  trigger: ({ triggers, triggerSets }) => [...triggers, ...triggerSets.flatMap(({ name, words }) => [name, words])],
  notes: ({ notes }) => [notes],
  format: ({ format }) => [format],
}
const everywhere = (card: AdapterCard): readonly string[] => Object.values(fields).flatMap((of) => of(card))

function wanted(text: string): (card: AdapterCard) => boolean {
  const tests = Array.from(text.matchAll(word), ([whole, field, quoted, plain = '']) => {
    const value = (quoted ?? plain).toLowerCase()
    if (field === 'rating' && /^[>=]*[0-5]$/.test(value)) return ({ rating }: AdapterCard) => rating >= Number(value.at(-1))
    const of = field === undefined ? undefined : fields[field.toLowerCase()]
    // What is no field is a word like any other.
    const looked = of ? value : whole.replaceAll('"', '').toLowerCase()
    return (card: AdapterCard) => (of ?? everywhere)(card).some((one) => one.toLowerCase().includes(looked))
  })
  return (card) => tests.every((test) => test(card))
}

const orders: Readonly<Record<(typeof adapterOrders)[number], (a: AdapterCard, b: AdapterCard) => number>> = {
  date: (a, b) => b.at - a.at,
  name: (a, b) => a.title.localeCompare(b.title),
  rating: (a, b) => b.rating - a.rating || b.at - a.at,
  used: (a, b) => b.used.last - a.used.last || b.at - a.at,
}

export function chosenAdapters(cards: readonly AdapterCard[], given: Partial<AdapterFilter> = {}): AdapterCard[] {
  const { text, family, tag, rating, favourite, folder, kind, twice, broken, sort } = { ...everyAdapter, ...given }
  const said = wanted(text)
  const twins = twice ? twinContents(cards) : undefined
  return cards
    .filter(
      (card) =>
        (family === undefined || card.family === family) &&
        (tag === undefined || card.tags.includes(tag)) &&
        card.rating >= rating &&
        (!favourite || card.favourite) &&
        (folder === undefined || card.folder === folder || card.folder.startsWith(`${folder}/`)) &&
        (kind === undefined || card.kind === kind) &&
        (!twins || twins.has(card.content)) &&
        (!broken || card.error !== undefined) &&
        said(card),
    )
    .toSorted(orders[sort])
}

/** What two or more hold. */
export function twinContents(cards: readonly Pick<AdapterCard, 'content'>[]): Set<string> {
  const counts = Map.groupBy(cards, ({ content }) => content)
  return new Set([...counts].flatMap(([content, { length }]) => (content !== '' && length > 1 ? [content] : [])))
}
