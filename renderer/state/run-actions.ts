// What is done with a run as a whole: it is called otherwise, goes to the trash, is drawn with while it is paused, and one of its steps goes into the library.
import { t } from '../words/words.svelte.ts'
import { generate } from './generate.svelte.ts'
import { host } from './host.svelte.ts'
import { router } from './router.svelte.ts'
import { train } from './train.svelte.ts'

export async function renameRun(run: string, name: string): Promise<void> {
  if (await host.attempt(() => host.api.training.rename({ run, name }))) await host.attempt(() => train.list())
}

/** To the trash, with a way back. */
export async function removeRun(run: string, name: string): Promise<void> {
  const gone = await host.attempt(() => host.api.training.remove({ run }))
  if (!gone) return
  if (router.screen === 'train' && router.argument === run) router.go('train', 'new')
  const back = async (): Promise<void> => {
    if (!(await host.attempt(() => host.api.training.restore({ undo: gone.undo })))) return
    await host.attempt(() => train.list())
    router.go('train', run)
  }
  host.tell({ text: t('train.removed', { name }), action: { label: t('app.undo'), run: () => void back() } })
}

/** What a paused run has learnt until then goes onto the stack. */
export async function drawWithRun(run: string): Promise<void> {
  const card = await host.attempt(() => host.api.training.paused({ run }))
  if (!card) return
  generate.stack(card.id)
  router.go('generate')
}

/** The weights of one step become an adapter of the library. */
export async function keepStep(run: string, step: number): Promise<void> {
  const card = await host.attempt(() => host.api.training.keep({ run, step }))
  if (card) tellKept(t('train.kept', { step }), card.id)
}

/** The weights of one step become an adapter of the library, and it is drawn with. */
export async function useStep(run: string, step: number): Promise<void> {
  const card = await host.attempt(() => host.api.training.keep({ run, step }))
  if (!card) return
  generate.stack(card.id)
  router.go('generate')
}

/** The mean of its steps becomes an adapter of the library. */
export async function averageRun(run: string, width: number): Promise<void> {
  const card = await host.attempt(() => host.api.training.average({ run, width }))
  if (card) tellKept(t('train.averaged', { width }), card.id)
}

function tellKept(text: string, adapter: string): void {
  host.tell({ text, action: { label: t('train.kept.show'), run: () => router.go('adapters', adapter) } })
}
