// What the library's journal holds of an adapter: where it lies, what its file said when it was last read, and what its person says about it.
import { z } from 'zod'
import type { AdapterFacts } from '../operations/tools/inspect-adapter.ts'
import { besideFacts } from '../operations/beside/beside.ts'
import { triggerSet } from '../api/methods/library.ts'

const record = z.object({ code: z.string(), message: z.string(), facts: z.record(z.string(), z.unknown()) })

const facts = z.object({
  kind: z.enum(['adapter', 'embedding']).default('adapter'),
  format: z.string(),
  family: z.string(),
  base: z.string(),
  width: z.number().default(0),
  vectors: z.number().optional(),
  layers: z.number(),
  layersByNetwork: z.record(z.string(), z.number()),
  ranks: z.array(z.number()),
  triggers: z.array(z.string()),
  title: z.string(),
  leftOut: z.array(z.object({ key: z.string(), reason: z.string() })),
  variants: z.record(z.string(), z.number()).optional(),
  folded: z.number().optional(),
  alphas: z.array(z.number()).optional(),
})

export const libraryEntry = z.object({
  id: z.string(),
  /** The folder that it is in, '' for the library's own, and the way from there with slashes. */
  root: z.string().default(''),
  file: z.string(),
  source: z.enum(['trained', 'imported', 'shipped']),
  run: z.string().optional(),
  at: z.number(),

  /** What its person says; where it is nothing, the files' word counts. */
  title: z.string().default(''),
  notes: z.string().default(''),
  tags: z.array(z.string()).default([]),
  triggers: z.array(z.string()).optional(),
  triggerSets: z.array(triggerSet).default([]),
  rating: z.number().default(0),
  favourite: z.boolean().default(false),
  weight: z.number().optional(),
  /** File of the picture that stands for it. */
  cover: z.string().optional(),

  facts,
  /** Why its file could not be read. */
  problem: record.optional(),
  /** The state of the file that the facts are of. */
  stamp: z.string().default(''),
  bytes: z.number().default(0),
  /** Digests of what it holds: of samples, and of everything where another has the same samples. */
  content: z.string().default(''),
  hash: z.string().optional(),
  beside: besideFacts.default({}),
  besideStamp: z.string().default(''),
  besideProblems: z.array(record).default([]),
  preview: z.string().optional(),
  /** Its file was taken away: what its person says waits for it. */
  gone: z.boolean().default(false),
})
export type LibraryEntry = z.output<typeof libraryEntry>

/** Of a file that cannot be read, nothing is known. */
export const noFacts: LibraryEntry['facts'] = {
  kind: 'adapter',
  format: '',
  family: '',
  base: '',
  width: 0,
  layers: 0,
  layersByNetwork: {},
  ranks: [],
  triggers: [],
  title: '',
  leftOut: [],
}

/** What is written down of an adapter's facts: its metadata stays in the file. */
export const factsOf = (found: AdapterFacts): LibraryEntry['facts'] => facts.parse(found)

/** Whether a person has said anything of it. */
export const hasWords = ({ title, notes, tags, triggers, triggerSets, rating, favourite, weight, cover }: LibraryEntry): boolean =>
  [title, notes].some(Boolean) ||
  [tags, triggerSets].some(({ length }) => length > 0) ||
  triggers !== undefined ||
  rating > 0 ||
  favourite ||
  weight !== undefined ||
  cover !== undefined
