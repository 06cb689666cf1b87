// Generating and the gallery of the fake studio.
import { PigmentError } from '../../../engine/requests/error.ts'
import type { GalleryPicture } from '../../../main/api/methods/gallery.ts'
import type { Handlers } from './handlers.ts'
import { pictureFields, samplerCards, conditionCards } from '../../../main/studio/training-fields.ts'
import { fakeJobs } from './jobs.ts'
import { mediaOf } from './pictures.ts'

const subjects = ['a red fox', 'a lighthouse, night', 'a teapot', 'a sailing boat', 'an owl', 'a cactus in a pot', 'a bicycle']

export const fakePictures: readonly GalleryPicture[] = Array.from({ length: 48 }, (_, n) => {
  const ink = n % 3 !== 1
  return {
    id: `p${n}`,
    media: mediaOf(n * 3 + 2, ink ? 'black-ink' : 'comic-outline'),
    kind: 'picture',
    width: 128,
    height: 128,
    at: Date.UTC(2026, 10, 24, 9, 30) - n * 190_000,
    seconds: 4.2,
    form: {
      prompt: `${ink ? 'blackink' : 'comicline'} style emoji of ${subjects[n % subjects.length]}`,
      steps: 20,
      cfg: 5,
      seed: 1000 + n,
      sampler: 'ddim',
      stack: [{ adapter: ink ? 'black-ink' : 'comic-outline', weight: 0.8, enabled: true }],
    },
    model: 'embedded',
    adapters: [{ name: ink ? 'black-ink' : 'comic-outline', weight: 0.8 }],
    starred: n % 11 === 4,
    job: 'fox',
  }
})

export const fakeGenerate: Handlers<'generate'> = {
  options: () => ({
    fields: pictureFields,
    samplers: samplerCards,
    conditions: conditionCards,
    side: 128,
    sizeStep: 8,
    blocks: ['BASE', 'IN00', 'IN01', 'IN02', 'IN03', 'IN04', 'IN05', 'M00', 'OUT00', 'OUT01', 'OUT02', 'OUT03', 'OUT04', 'OUT05'],
    blockPresets: { MIDONLY: '1,0,0,0,0,0,0,1,0,0,0,0,0,0,0,0,0' },
    guidance: {
      alone: { cfg: 5, adapterGuidance: 0, guidanceStop: 1 },
      stacked: { cfg: 5, adapterGuidance: 0, guidanceStop: 1 },
    },
  }),
  enqueue: () => fakeJobs[1] as (typeof fakeJobs)[number],
  grid: () => fakeJobs[2] as (typeof fakeJobs)[number],
  seed: () => 271_828,
  skip: () => undefined,
  keepPicture: (from) => ({ path: 'picture' in from ? `/gallery/${from.picture}.png` : '/inputs/picture.png' }),
  inputPicture: () => ({ media: mediaOf(2), width: 128, height: 128 }),
  maskRuns: () => ({ width: 128, height: 128, runs: Array.from({ length: 80 }, (_, i) => (i === 0 ? 128 * 30 + 40 : i % 2 ? 50 : 78)) }),
  recall(from) {
    const found = 'picture' in from ? fakePictures.find(({ id }) => id === from.picture) : undefined
    if (!found) throw new PigmentError('picture-silent', 'This picture says nothing of how it was made: its texts were removed.', {})
    return { form: found.form, missing: [], text: '' }
  },
}

export function fakeGallery(empty: boolean): Handlers<'gallery'> {
  const all = empty ? [] : fakePictures
  return {
    list({ text, starred, offset, limit }) {
      const found = all.filter((one) => one.form.prompt.includes(text) && (!starred || one.starred))
      return { total: found.length, offset, items: found.slice(offset, offset + limit) }
    },
    star({ picture, starred }) {
      const found = all.find(({ id }) => id === picture)
      if (!found) throw new PigmentError('picture-unknown', 'This picture is gone.', { picture })
      return { ...found, starred }
    },
    remove: () => ({ undo: 'u2' }),
    restore: () => undefined,
  }
}
