import { mkdir, readdir, rename, rm } from 'node:fs/promises'
import { dirname, extname, join } from 'node:path'
import { z } from 'zod'
import { fileError } from '../../../engine/files/file-error.ts'
import { PigmentError } from '../../../engine/requests/error.ts'
import { fetchLink } from '../../api/methods/fetching.ts'
import type { AdapterCard } from '../../api/methods/library.ts'
import type { JobEvent } from '../../api/topics.ts'
import { fetchPlan, isSingle, writeBeside } from '../../fetching/fetch-plan.ts'
import { licenceRefused } from '../../fetching/licence-refused.ts'
import type { Plan } from '../../fetching/plan.ts'
import { jobKind } from '../job-kind.ts'
import type { JobRun } from '../job-run.ts'
import type { JobState } from '../job-state.ts'

/** The header of a large file on a slow disk. */
const patience = 10 * 60_000
const tellEvery = 250

/** A model or an adapter from the network. Paused, cut or killed, it goes on from what is on the disk; nothing sees it before it is whole. */
export const fetch = jobKind({
  work: z.object({
    kind: z.literal('fetch'),
    link: fetchLink,
    /** The licence that a person accepted. */
    licence: z.string(),
  }),
  counts: 'bytes',
  lane: 'network',

  async run({ link, licence }, run) {
    const { fetching, signal, update, tell, tools, staging } = run
    update({ preparing: null })
    try {
      const plan = await fetching.plan(link, signal)
      if (plan.licence.name !== licence) throw licenceRefused(plan)
      let told = 0
      const began: { at: number; from: number } = { at: 0, from: 0 }
      const { path } = await fetchPlan(plan, {
        folder: staging,
        network: fetching.network,
        signal,
        progress(done, total = done) {
          if (Date.now() - told < tellEvery && done < total) return
          told = Date.now()
          // What was here already says nothing of the connection.
          if (began.at === 0) Object.assign(began, { at: told, from: done })
          const rate = (done - began.from) / (told - began.at)
          const eta = rate > 0 ? (total - done) / rate / 1000 : null
          update({ step: done, steps: Math.max(total, done), eta })
        },
        note: (text, code, facts) => tell({ type: 'log', at: Date.now(), level: 'info', text, code, facts }),
      })
      const { kind } = await tools.call('inspect', { file: path }, { signal, patience })
      const taken = kind === 'checkpoint' ? await takeModel(plan, path, run) : await takeAdapter(plan, path, run)
      await rm(staging, { recursive: true, force: true })
      return { ...taken, preparing: null }
    } catch (error) {
      // What was given up is not kept for another time.
      if (signal.reason === 'at-once') await rm(staging, { recursive: true, force: true })
      throw error
    }
  },
})

/** To where models lie, under a name that is free, in one step. */
async function takeModel(plan: Plan, from: string, { places, models, announcer }: JobRun): Promise<Partial<JobState>> {
  const single = isSingle(plan.files)
  const taken = new Set((await readdir(places.models)).map((name) => name.toLowerCase()))
  const ending = single ? extname(plan.name) : ''
  const stem = plan.name.slice(0, plan.name.length - ending.length)
  let name = `${stem}${ending}`
  for (let i = 2; taken.has(name.toLowerCase()); i++) name = `${stem} ${i}${ending}`
  const to = join(places.models, name)
  try {
    await writeBeside(plan, to.slice(0, to.length - ending.length))
    await rename(from, to)
  } catch (error) {
    throw fileError(error, to, 'write')
  }
  const card = await models.add(to)
  announcer.announce('models', { id: card.id })
  return { model: card.id }
}

/** Both are kept: which of them is superfluous is its person's to say. */
const asTwin = ({ title }: AdapterCard, { name }: AdapterCard): JobEvent => ({
  ...{ type: 'log', at: Date.now(), level: 'warning', code: 'adapter-twin', facts: { title, name } },
  text: `"${title}" holds the same as "${name}", which was in the library already. Both are kept; remove one of them there.`,
})

/** Into the library, with what its page says of it. Throws the engine's reason for what is none. */
async function takeAdapter(plan: Plan, from: string, { library, announcer, staging, tell }: JobRun): Promise<Partial<JobState>> {
  const named = join(staging, 'named', plan.name)
  try {
    await mkdir(dirname(named), { recursive: true })
    await rename(from, named)
    await writeBeside(plan, isSingle(plan.files) ? named.slice(0, -extname(named).length) : named)
  } catch (error) {
    throw fileError(error, named, 'write')
  }
  try {
    const [twin] = await library.twinsOf(named)
    const card = await library.import(named)
    if (twin) tell(asTwin(card, twin))
    announcer.announce('library', { adapter: card })
    return { adapter: card.id }
  } catch (error) {
    // Another attempt finds it where it looks.
    await rename(named, from).catch(() => undefined)
    throw error instanceof PigmentError ? error : fileError(error, named, 'read')
  }
}
