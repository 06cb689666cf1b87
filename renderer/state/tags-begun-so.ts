// What is offered while a tag is being written: the open set's own, the most frequent first.
import type { TagCount } from '../../main/api/methods/datasets.ts'
import { datasets } from './datasets.svelte.ts'
import { host } from './host.svelte.ts'

const most = 8

export const tagsBegunSo = async (prefix: string): Promise<readonly TagCount[]> =>
  (await host.attempt(() => host.api.datasets.tags({ dataset: datasets.openId, prefix, limit: most }))) ?? []
