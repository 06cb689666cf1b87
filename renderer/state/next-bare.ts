// Going on to the next picture without a caption.
import type { DatasetItem, PictureFlag } from '../../main/api/methods/datasets.ts'
import { datasets } from './datasets.svelte.ts'
import { host } from './host.svelte.ts'

/**
 * From the end round to the first, among those that the filter lets through; false where there is none. Pictures are in the order of their
 * paths.
 */
export async function goToNextBare(): Promise<boolean> {
  const { openId, pictures } = datasets
  const next = bareBelow() ?? (await askForBare())
  if (!next || openId !== datasets.openId) return false
  pictures.choice.alone(next)
  if (!pictures.choice.listed) await pictures.find(next.path)
  return openId === datasets.openId
}

/** The next one without a caption, as far as the list below the shown one is here. */
function bareBelow(): DatasetItem | undefined {
  const { items, choice } = datasets.pictures
  for (let i = choice.listed ? choice.at + 1 : choice.at; i < items.length; i++) {
    const item = items[i]
    if (!item) return undefined
    if (isBare(item)) return item
  }
  return undefined
}

async function askForBare(): Promise<DatasetItem | undefined> {
  const { openId: dataset, filter: shown } = datasets
  const from = datasets.pictures.choice.shown?.path ?? ''
  const filter = { ...shown.now(), flags: ['no-caption' as const] }
  let first: DatasetItem | undefined
  for (let offset = 0, total = 1; offset < total;) {
    const ask = offset
    const got = await host.attempt(() => host.api.datasets.items({ dataset, filter, offset: ask, limit: 500 }))
    if (!got || got.items.length === 0) break
    total = got.total
    offset += got.items.length
    const others = got.items.filter(({ path, flags }) => path !== from && passes(flags, shown.flags))
    const later = others.find(({ path }) => path > from)
    if (later) return later
    first ??= others[0]
  }
  return first
}

/** Of several flags any one lets a picture through. */
const passes = (own: readonly PictureFlag[], wanted: readonly PictureFlag[]): boolean =>
  wanted.length === 0 || wanted.some((flag) => own.includes(flag))

const isBare = ({ flags }: DatasetItem): boolean => flags.includes('no-caption')
