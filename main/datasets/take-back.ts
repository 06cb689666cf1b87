// The opposite of a change. What was changed elsewhere since is not overwritten: `undo-conflict`.
import { stat } from 'node:fs/promises'
import { stampOf } from '../../engine/datasets/found.ts'
import { PigmentError } from '../../engine/requests/error.ts'
import type { Trash } from '../stores/trash.ts'
import { restoreCaption, wholeFile } from './captions.ts'
import type { Change } from './history.ts'

export interface TakingBack {
  readonly trash: Trash
  /** Of a folder of the set. */
  readonly rename: (from: string, to: string) => Promise<void>
}

type Kind<Name extends Change['kind']> = Extract<Change, { kind: Name }>
type Opposites = { readonly [Name in Change['kind']]: (one: Kind<Name>, by: TakingBack) => Promise<Kind<Name>> }

/** What a picture's file is now; another one where it was written since. */
export const stampAt = (file: string): Promise<string> => stat(file).then(stampOf, () => 'none')

const opposites: Opposites = {
  async rename(one, { rename }) {
    await rename(one.to, one.from)
    return { ...one, from: one.to, to: one.from }
  },

  async delete(one, { trash }) {
    if (one.trash === '') return { ...one, trash: await trash.move('pictures', one.paths) }
    await trash.restore(one.trash, 'pictures')
    return { ...one, trash: '' }
  },

  async replace(one, { trash }) {
    if ((await stampAt(one.file)) !== one.stamp)
      throw new PigmentError('undo-conflict', `The picture "${one.path}" was changed elsewhere since. Nothing was taken back.`, {
        path: one.path,
      })
    const kept = await trash.keep('pictures', [one.file])
    await trash.putBack(one.trash, 'pictures')
    return { ...one, trash: kept, stamp: await stampAt(one.file) }
  },

  async captions(one) {
    for (const { path, sidecar, after } of one.changes)
      if ((await wholeFile(sidecar)) !== after)
        throw new PigmentError('undo-conflict', `The caption of "${path}" was changed elsewhere since. Nothing was taken back.`, { path })
    for (const { sidecar, before } of one.changes) await restoreCaption(sidecar, before)
    return { ...one, changes: one.changes.map((change) => ({ ...change, before: change.after, after: change.before })) }
  },
}

/** Does the opposite of a change and gives the change that would do it again. */
export const takeBack = <Name extends Change['kind']>(one: Kind<Name>, by: TakingBack): Promise<Kind<Name>> =>
  (opposites[one.kind as Name] as Opposites[Name])(one, by)
