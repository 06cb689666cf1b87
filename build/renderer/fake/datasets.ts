// Data sets of the fake studio: both samples, a small one with every flag, and one of ten thousand pictures.
import { PigmentError } from '../../../engine/requests/error.ts'
import type { DatasetItem, DatasetSummary, ItemFilter, PictureFlag } from '../../../main/api/methods/datasets.ts'
import type { Handlers } from './handlers.ts'
import { mediaOf, samplePictures } from './pictures.ts'

const flagsOf = (n: number): readonly PictureFlag[] => {
  if (n % 17 === 3) return ['no-caption']
  if (n % 23 === 5) return ['blurred']
  if (n % 29 === 7) return ['duplicate']
  return n % 31 === 11 ? ['too-small'] : []
}

function itemsOf(set: string, count: number, flagged: boolean): DatasetItem[] {
  const own = samplePictures.filter((picture) => picture.set === set)
  return Array.from({ length: count }, (_, n) => {
    const picture = own[n % own.length]
    const flags = flagged ? flagsOf(n) : []
    const round = n < own.length ? '' : `-${Math.floor(n / own.length)}`
    return {
      id: `${set}-${n}`,
      path: (picture?.name ?? '').replace('.png', `${round}.png`),
      folder: flagged ? (n % 7 === 4 ? '10_details' : '3_ink') : '',
      media: mediaOf(n, set),
      width: 128,
      height: 128,
      bytes: 5200 + ((n * 397) % 3000),
      caption: flags.includes('no-caption') ? '' : (picture?.caption ?? ''),
      version: '1',
      flags,
      fit:
        flagged && n % 5 === 2
          ? { bucket: { width: 112, height: 144 }, resized: { width: 144, height: 144 } }
          : { bucket: { width: 128, height: 128 }, resized: { width: 128, height: 128 } },
    }
  })
}

interface FakeSet {
  summary: DatasetSummary
  items: DatasetItem[]
}

const leftOut = {
  count: 2,
  files: [
    {
      path: '3_ink/IMG_2041.heif',
      code: 'left-out-picture',
      message: '"IMG_2041.heif" is a picture in the format HEIC, which is not read here.',
    },
    { path: '3_ink/scan.psd', code: 'left-out-picture', message: '"scan.psd" is left out. Save it as PNG or JPEG.' },
  ],
}

function makeSet(id: string, name: string, set: string, count: number, sample: boolean): FakeSet {
  const items = itemsOf(set, count, !sample)
  const counted = (flag: PictureFlag): number => items.filter(({ flags }) => flags.includes(flag)).length
  const flags = {
    'no-caption': counted('no-caption'),
    duplicate: counted('duplicate'),
    'too-small': counted('too-small'),
    blurred: counted('blurred'),
    unreadable: 0,
  }
  return {
    items,
    summary: {
      id,
      name,
      path: `/home/mei/Pictures/${id}`,
      pictures: count,
      captioned: count - flags['no-caption'],
      flags,
      analysed: !sample,
      folders: sample
        ? [{ path: '', repeats: 1, pictures: count }]
        : [
            { path: '3_ink', repeats: 3, pictures: items.filter(({ folder }) => folder === '3_ink').length },
            { path: '10_details', repeats: 10, pictures: items.filter(({ folder }) => folder === '10_details').length },
          ],
      leftOut: sample ? { count: 0, files: [] } : leftOut,
      covers: [0, 1, 2, 3].map((n) => mediaOf(n * 7, set)),
      trigger: set === 'black-ink' ? 'blackink' : 'comicline',
      model: null,
      resolution: null,
      side: 128,
      buckets: [128, 112].flatMap((width) => {
        const inside = items.filter(({ fit }) => fit?.bucket.width === width)
        return inside[0]?.fit ? [{ ...inside[0].fit.bucket, count: inside.length }] : []
      }),
      sample,
      changedAt: Date.UTC(2026, 10, 23),
      undo: sample ? null : 'Add “ink drawing” to 12 captions',
      redo: null,
    },
  }
}

function passes(item: DatasetItem, { text = '', tags = [], flags = [], folder, bucket }: ItemFilter): boolean {
  const own = item.caption.split(',').map((tag) => tag.trim())
  return (
    (item.caption.includes(text) || item.path.includes(text)) &&
    (folder === undefined || item.folder === folder) &&
    (bucket === undefined || `${item.fit?.bucket.width}x${item.fit?.bucket.height}` === bucket) &&
    tags.every((tag) => own.includes(tag)) &&
    flags.every((flag) => item.flags.includes(flag))
  )
}

export function fakeDatasets(empty: boolean): Handlers<'datasets'> {
  const sets: FakeSet[] = empty
    ? []
    : [
        makeSet('studies', 'Ink studies', 'black-ink', 84, false),
        makeSet('black-ink', 'Black ink', 'black-ink', samplePictures.filter(({ set }) => set === 'black-ink').length, true),
        makeSet('comic', 'Comic outline', 'comic-outline', samplePictures.filter(({ set }) => set === 'comic-outline').length, true),
        makeSet('archive', 'Archive', 'comic-outline', 10_000, false),
      ]
  const get = (id: string): FakeSet => {
    const found = sets.find(({ summary }) => summary.id === id)
    if (!found) throw new PigmentError('dataset-unknown', `There is no data set "${id}". Choose another.`, { id })
    return found
  }
  const summary = ({ dataset }: { dataset: string }): DatasetSummary => get(dataset).summary
  return {
    list: () => sets.map((set) => set.summary),
    get: summary,
    create: () => {
      throw new PigmentError('folder-missing', 'There is no folder "/mnt/usb/pictures". Plug it in, or choose another.', {
        path: '/mnt/usb/pictures',
      })
    },
    addPictures: ({ dataset }) => ({ ...get(dataset).summary, brought: { pictures: 1, leftOut } }),
    update: ({ dataset, ...change }) => {
      const set = get(dataset)
      set.summary = { ...set.summary, ...change }
      return set.summary
    },
    setRepeats: summary,
    remove: () => ({ undo: 'u1' }),
    restore: () => get('studies').summary,
    items: ({ dataset, filter, offset, limit }) => {
      const found = get(dataset).items.filter((item) => passes(item, filter))
      return { total: found.length, offset, items: found.slice(offset, offset + limit) }
    },
    tags: ({ dataset, prefix, limit }) => {
      const counts = new Map<string, number>()
      for (const { caption } of get(dataset).items)
        for (const tag of caption.split(',').map((one) => one.trim())) if (tag) counts.set(tag, (counts.get(tag) ?? 0) + 1)
      return [...counts]
        .map(([tag, count]) => ({ tag, count }))
        .filter(({ tag }) => tag.startsWith(prefix))
        .toSorted((a, b) => b.count - a.count)
        .slice(0, limit)
    },
    setCaption: ({ dataset, item, caption }) => {
      const { items } = get(dataset)
      const at = items.findIndex(({ id }) => id === item)
      const old = items[at]
      if (!old) throw new PigmentError('picture-unknown', 'This picture is gone.', { item })
      return (items[at] = { ...old, caption, version: `${old.version}+` })
    },
    previewEdit: ({ dataset, edit }) => {
      const { items } = get(dataset)
      const added = edit.kind === 'add' ? `, ${edit.tags.join(', ')}` : ' …'
      return {
        changed: items.length,
        unchanged: 0,
        changes: items.slice(0, 200).map(({ id, path, caption }) => ({ item: id, path, before: caption, after: `${caption}${added}` })),
      }
    },
    applyEdit: ({ dataset }) => ({ changed: get(dataset).items.length, dataset: get(dataset).summary }),
    deleteItems: summary,
    crop: ({ dataset, item, box: { width, height } }) => {
      const { items } = get(dataset)
      const at = items.findIndex(({ id }) => id === item)
      const old = items[at]
      if (!old) throw new PigmentError('picture-unknown', 'This picture is gone.', { item })
      return (items[at] = { ...old, width, height })
    },
    undo: summary,
    redo: summary,
    analyse: () => ({ groups: [], blurred: [], small: [] }),
  }
}
