// Help with captions in the fake studio: ways without a model, and a tagger that sees ink everywhere.
import { captionersByName } from '../../../engine/captioning/find-captioner.ts'
import { tagger } from '../../../engine/captioning/kinds/tagger.ts'
import { fieldsOf } from '../../../engine/requests/fields.ts'
import type { CaptionWay } from '../../../main/api/methods/captioning.ts'
import type { JobSummary } from '../../../main/api/methods/jobs.ts'
import type { Handlers } from './handlers.ts'
import { mediaOf } from './pictures.ts'

const folder = '/home/mei/Models/wd-vit-tagger-v3'
const ways: readonly CaptionWay[] = [
  ...captionersByName.map(({ name, title, options }) => ({ with: name, kind: name, title, options: fieldsOf(options) })),
  { with: folder, folder, kind: tagger.name, title: 'wd-vit-tagger-v3', options: fieldsOf(tagger.options) },
]
/** Each with how sure it is. */
const tags = [
  ['monochrome', 0.97],
  ['ink', 0.93],
  ['no humans', 0.88],
  ['flower', 0.61],
  ['simple background', 0.44],
  ['traditional media', 0.31],
] as const

const job: JobSummary = {
  ...{ id: 'captions', kind: 'caption', title: 'Ink studies · wd-vit-tagger-v3', state: 'queued', place: 0, step: 0, steps: 5 },
  ...{ counts: 'pictures', eta: null, preparing: null, createdAt: Date.UTC(2026, 10, 23), startedAt: null, endedAt: null },
}

export const fakeCaptioning: Handlers<'captioning'> = {
  list: () => ways,
  add: () => ways,
  remove: () => ways,
  start: () => job,
  preview({ with: way, options = {} }) {
    const least = typeof options.threshold === 'number' ? options.threshold : 0.35
    const after = way === folder ? tags.flatMap(([tag, p]) => (p > least ? [tag] : [])).join(', ') : 'ink flower'
    return {
      changes: [3, 20, 37].map((n) => ({
        item: `studies-${n}`,
        path: `3_ink/${n}.png`,
        media: mediaOf(n, 'black-ink'),
        before: '',
        after,
      })),
      asked: 5,
      kept: 79,
    }
  },
}
