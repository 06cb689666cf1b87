import { appendFile, mkdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import type { Found } from '../../../engine/datasets/found.ts'
import { fileError } from '../../../engine/files/file-error.ts'
import { PigmentError, type ErrorRecord } from '../../../engine/requests/error.ts'
import { captionForm } from '../../api/methods/captioning.ts'
import { captionWith, picturesToCaption, toCaption } from '../../datasets/to-caption.ts'
import type { Said } from '../../operations/tools/caption.ts'
import { jobKind } from '../job-kind.ts'
import type { JobRun } from '../job-run.ts'

/** One picture on a slow processor, and opening a large model before it. */
const patience = 10 * 60_000
const mostTold = 20
const mostAttempts = 3
type Form = z.output<typeof captionForm>

/**
 * Captions for pictures of a set. What was said is kept as it comes, so that a job which was paused, cut or killed goes on; it is written at the
 * end, all of it as one change that can be taken back, or none.
 */
export const caption = jobKind({
  work: z.object({ kind: z.literal('caption'), form: captionForm }),
  counts: 'pictures',
  lane: 'captions',

  async run({ form }, run) {
    const { datasets, views, tools, settings, signal, update, tell, folder } = run
    const kept = join(folder, 'said.jsonl')
    await mkdir(folder, { recursive: true })
    try {
      const set = await datasets.edit(form.dataset)
      await set.refresh()
      const { asked, kept: captioned } = picturesToCaption(await views.of(form.dataset), form)
      if (asked.length === 0 && captioned > 0) {
        const text = `Nothing was asked: all ${captioned} pictures have captions. Give --overwrite to write over them, or --add start or --add end to keep them.`
        tell({ type: 'log', at: Date.now(), level: 'info', text, code: 'captions-all-there', facts: { captioned } })
      }
      const said = await readSaid(kept)
      const waiting = asked.filter((one) => !said.has(stateOf(one)))
      const [steps, before, began] = [asked.length, asked.length - waiting.length, Date.now()]
      update({ step: before, steps, preparing: null })
      let writing: Promise<unknown> = Promise.resolve()
      const { with: way, options, template, trigger = datasets.entry(form.dataset).trigger } = form
      await tools.call(
        'caption',
        { with: way, options, template, trigger, threads: settings.value.threads, pictures: waiting.map(toCaption) },
        {
          signal,
          patience,
          onEvent({ index, said: now }) {
            const state = stateOf(waiting[index] as Found)
            said.set(state, now)
            // A full disk costs what is kept for another time, not the captions.
            writing = writing.then(() => appendFile(kept, `${JSON.stringify([state, now])}\n`)).catch(() => undefined)
            const rate = (index + 1) / ((Date.now() - began) / 1000 || 1)
            update({ step: before + index + 1, eta: (waiting.length - index - 1) / rate })
            tell({ type: 'step', step: before + index + 1, steps, rate })
          },
        },
      )
      await writing
      await write(set, asked, said, run, form)
      await datasets.update(form.dataset, { changedAt: Date.now() })
      await rm(folder, { recursive: true, force: true })
      return { step: steps, preparing: null }
    } catch (error) {
      // What was given up is not kept for another time.
      if (signal.reason === 'at-once') await rm(folder, { recursive: true, force: true })
      throw error
    }
  },
})

/** A picture and its caption, as they are. */
const stateOf = ({ id, stamp, version }: Found): string => `${id} ${stamp} ${version}`

/** What an earlier run of the job was told; a torn line, e.g. of a power cut, is passed over. */
async function readSaid(file: string): Promise<Map<string, Said>> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return ''
    throw fileError(error, file, 'read')
  })
  const lines = text.split('\n').flatMap((line) => {
    try {
      return line === '' ? [] : [JSON.parse(line) as [string, Said]]
    } catch {
      return []
    }
  })
  return new Map(lines)
}

type Set = Awaited<ReturnType<JobRun['datasets']['edit']>>
type Answers = ReadonlyMap<string, Said>

/** All at once, with what a person wrote meanwhile left as it is. */
async function write(set: Set, asked: readonly Found[], said: Answers, { tell }: JobRun, form: Pick<Form, 'add'>): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    await set.refresh()
    const { captions, failures, ...counts } = sorted(set, asked, said, form)
    try {
      if (captions.length > 0) await set.setCaptions(`caption ×${captions.length}`, captions)
    } catch (error) {
      // Written by somebody between the look and the writing: none was changed, and it is looked at again.
      if (error instanceof PigmentError && error.code === 'caption-conflict' && attempt < mostAttempts) continue
      throw error
    }
    for (const error of failures.slice(0, mostTold)) tell({ type: 'warning', ...error })
    const facts = { written: captions.length, ...counts, failed: failures.length }
    const text = `${facts.written} captions written; nothing to say of ${facts.silent}, ${facts.failed} could not be read, ${facts.moved} changed meanwhile and were left alone.`
    tell({ type: 'log', at: Date.now(), level: facts.failed > 0 ? 'warning' : 'info', text, code: 'captions-written', facts })
    return
  }
}

function sorted(set: Set, asked: readonly Found[], said: Answers, form: Pick<Form, 'add'>) {
  const captions: { id: string; caption: string }[] = []
  const failures: ErrorRecord[] = []
  let [silent, moved] = [0, 0]
  for (const one of asked) {
    const found = said.get(stateOf(one))
    const now = set.found.get(one.id)
    if (found && 'error' in found) failures.push(found.error)
    // What cannot be read would be lost.
    else if (now?.captionProblem) failures.push(now.captionProblem)
    else if (found?.words === '') silent++
    else if (!found || now?.version !== one.version) moved++
    else {
      const caption = captionWith(now, found.words, form)
      if (caption !== now.caption) captions.push({ id: one.id, caption })
    }
  }
  return { captions, failures, silent, moved }
}
