// From a job to its doing: resolves names to files, sends the work to the engine process, and takes in what comes of it.
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { generateRequest } from '../../engine/requests/generate.ts'
import { trainRequest } from '../../engine/requests/train.ts'
import { errorRecord, PigmentError } from '../../engine/requests/error.ts'
import type { Preparing } from '../api/methods/jobs.ts'
import type { JobEvent } from '../api/topics.ts'
import type { DatasetStore } from '../datasets/store.ts'
import type { Announcer } from '../processes/announcer.ts'
import type { Devices } from '../processes/devices.ts'
import type { Gallery } from '../stores/gallery.ts'
import type { Library } from '../stores/library.ts'
import type { MediaNames } from '../stores/media.ts'
import { usualGuidance, type Models } from '../stores/models.ts'
import type { Places } from '../places/places.ts'
import type { SettingsStore } from '../stores/settings.ts'
import { safeName } from '../stores/safe-name.ts'
import type { DrawnPicture, DrawTask, GridTask, Machinery, TrainResult, TrainTask } from '../operations/calls.ts'
import type { RunningCall, WorkerProcess } from '../processes/worker-process.ts'
import { gridCells } from './grid.ts'
import type { Job, Work } from './job.ts'
import type { RunJob } from './queue.ts'
import type { JobRecords } from './records.ts'
import { requestOf, stackOf } from './stack.ts'

export interface RunnerOptions {
  readonly places: Places
  readonly settings: SettingsStore
  readonly datasets: DatasetStore
  readonly library: Library
  readonly gallery: Gallery
  readonly models: Models
  readonly devices: Devices
  readonly media: MediaNames
  readonly records: JobRecords
  readonly engine: WorkerProcess
  readonly announcer: Announcer
}

interface Around {
  readonly job: Job
  readonly update: (part: Partial<Job>) => void
  readonly signal: AbortSignal
}

const longestSaving = 10 * 60_000

export class JobRunner {
  readonly #parts: RunnerOptions
  readonly #calls = new Map<string, RunningCall>()
  constructor(parts: RunnerOptions) {
    this.#parts = parts
  }

  readonly run: RunJob = async (job, update, signal) => {
    const around = { job, update, signal }
    await this.#parts.records.begin(job.id)
    update({ preparing: { stage: 'model', done: 0, total: 1 } })
    this.#tell(job.id, { type: 'log', at: Date.now(), level: 'info', text: `Started: ${job.title}`, code: 'started' })
    try {
      const result = await (job.work.kind === 'train'
        ? this.#train(job.work, around)
        : job.work.kind === 'grid'
          ? this.#grid(job.work, around)
          : this.#draw(job.work, around))
      this.#tell(job.id, { type: 'log', at: Date.now(), level: 'info', text: 'Done.', code: 'done' })
      return result
    } catch (error) {
      const { code, message: text, facts } = errorRecord(error)
      this.#tell(job.id, { type: 'log', at: Date.now(), level: signal.aborted ? 'info' : 'error', text, code, facts: sayable(facts) })
      throw error
    } finally {
      this.#calls.delete(job.id)
      await this.#parts.records.flush()
    }
  }

  /** Asks the running training for a sample after its next step. Throws `job-not-running`. */
  sampleNow(id: string): void {
    const call = this.#calls.get(id)
    if (!call) throw new PigmentError('job-not-running', 'This training does not run now.', { job: id })
    call.notify('sample')
  }

  /** Where a run keeps its adapter, checkpoints and samples. */
  folderOf(id: string): string {
    return join(this.#parts.places.runs, id)
  }

  async #train(work: Extract<Work, { kind: 'train' }>, { job, update, signal }: Around): Promise<Partial<Job>> {
    const { datasets, models, library } = this.#parts
    const { form } = work
    const folder = this.folderOf(job.id)
    await mkdir(folder, { recursive: true })
    const { dataset, model, vae, name, samples, continueFrom, ...rest } = form
    const out = join(folder, `${safeName(name)}.safetensors`)
    const usual = usualGuidance(model)
    const task: TrainTask = {
      request: trainRequest.parse({ ...rest, title: form.title ?? name, dataset: datasets.entry(dataset).path }),
      model: (await orStopped(models.get(model), signal)).path,
      vae,
      out,
      samplesFolder: join(folder, 'samples'),
      samples: {
        ...samples,
        baseCfg: samples.cfg ?? usual.alone.cfg,
        cfg: samples.cfg ?? usual.stacked.cfg,
        adapterGuidance: samples.adapterGuidance ?? usual.stacked.adapterGuidance,
        guidanceStop: samples.guidanceStop ?? usual.stacked.guidanceStop,
      },
      ...(continueFrom ? { initialFile: library.path(library.ofRun(continueFrom).id) } : {}),
      ...(await orStopped(this.#machinery(), signal)),
    }
    let cover: string | undefined
    const began = Date.now()
    const before = job.seconds
    const prepare = seldom(({ stage, done, total }: Preparing) => update({ preparing: { stage, done, total } }))
    const done = (await this.#call('train', task, job.id, signal, (event) => {
      if (event.type === 'sampled') {
        const {
          type: _type,
          out: file,
          ...sample
        } = event as { type: string; out: string; step: number; prompt: string; promptIndex: number; seed: number }
        cover = file
        const index = this.#parts.records.add(job.id, { type: 'kept-sample', ...sample, file })
        this.#announce(job.id, index, { type: 'sample', sample: { ...sample, media: this.#parts.media.ofFile(file, began) } })
        update({ cover: file })
      } else {
        this.#tell(job.id, event as JobEvent)
        if (event.type === 'step') {
          const { step, loss, eta } = event as unknown as { step: number; loss: number; eta: number }
          update({ step, loss, eta, preparing: null, seconds: before + (Date.now() - began) / 1000 })
        } else if (event.type === 'prepare') prepare(event as unknown as Preparing)
        // The network is open; the first step is made.
        else if (event.type === 'start') update({ preparing: null })
      }
    })) as TrainResult
    const trigger = form.trigger?.trim()
    const picture = cover ?? job.cover
    const card = await library.import(done.out, 'trained', {
      run: job.id,
      title: name,
      ...(trigger ? { triggers: [trigger] } : {}),
      ...(picture ? { cover: picture } : {}),
    })
    this.#parts.announcer.announce('library', { adapter: card })
    return { step: form.steps, loss: done.loss, adapter: card.id, seconds: before + (Date.now() - began) / 1000 }
  }

  async #draw(work: Extract<Work, { kind: 'generate' }>, { job, update, signal }: Around): Promise<Partial<Job>> {
    const { gallery, models, settings } = this.#parts
    const { form, count } = work
    // What an interrupted job drew already is not drawn again.
    const made = new Set(gallery.list().flatMap((one) => (one.job === job.id ? [one.index] : [])))
    const indexes = Array.from({ length: count }, (_, i) => i).filter((i) => !made.has(i))
    const { prompt, loras, adapters } = stackOf(form, this.#parts.library)
    const forms = indexes.map((i) => ({ ...form, seed: form.seed + i }))
    const task: DrawTask = {
      model: (await orStopped(models.get(form.model), signal)).path,
      vae: form.vae,
      pictures: forms.map((one, k) => ({
        request: generateRequest.parse({ ...requestOf(one), prompt }),
        loras,
        out: gallery.fileOf(pictureId(job.id, indexes[k] ?? 0)),
        form: JSON.stringify({ form: one }),
      })),
      preview: settings.value.livePreview,
      ...(await orStopped(this.#machinery(), signal)),
    }
    let cover = job.cover
    let saving = Promise.resolve()
    await this.#call('draw', task, job.id, signal, (event) => {
      if (event.type !== 'drawn') return this.#progress(event, job.id, update, made.size * form.steps)
      const { index, picture } = event as unknown as { index: number; picture: DrawnPicture }
      const at = indexes[index] ?? index
      cover = picture.out
      saving = saving.then(() =>
        this.#keep(picture, { id: pictureId(job.id, at), kind: 'picture', form: forms[index] ?? form, index: at, job, adapters, count }),
      )
    })
    await saving
    return { step: form.steps * count, ...(cover ? { cover } : {}) }
  }

  async #grid(work: Extract<Work, { kind: 'grid' }>, { job, update, signal }: Around): Promise<Partial<Job>> {
    const { gallery, models, settings, library } = this.#parts
    const { form, x, y } = work
    const { cells, columns, rows } = gridCells(form, x, y, library)
    const id = pictureId(job.id, 0)
    const { path, facts } = await orStopped(models.get(form.model), signal)
    const task: GridTask = {
      model: path,
      vae: form.vae,
      cells,
      columns,
      rows,
      title: form.prompt.slice(0, 120),
      subtitle: `${facts.name} · seed ${form.seed} · ${form.steps} steps · CFG ${form.cfg} · ${form.sampler}`,
      preview: settings.value.livePreview,
      out: gallery.fileOf(id),
      form: JSON.stringify({ form, x, y }),
      ...(await orStopped(this.#machinery(), signal)),
    }
    const picture = (await this.#call('grid', task, job.id, signal, (event) => {
      if (event.type !== 'drawn') this.#progress(event, job.id, update, 0)
    })) as DrawnPicture
    const { adapters } = stackOf(form, library)
    await this.#keep(picture, { id, kind: 'grid', form, index: 0, job, adapters, count: 1, x, ...(y ? { y } : {}) })
    return { step: job.steps, cover: picture.out }
  }

  async #keep(
    { width, height, seconds, model }: DrawnPicture,
    {
      job,
      count,
      ...rest
    }: Omit<Parameters<Gallery['add']>[0], 'file' | 'at' | 'width' | 'height' | 'seconds' | 'model' | 'starred' | 'job'> & {
      job: Job
      count: number
    },
  ): Promise<void> {
    const { gallery, announcer } = this.#parts
    const picture = await gallery.add({
      ...rest,
      file: `${rest.id}.png`,
      at: Date.now(),
      width,
      height,
      seconds,
      model,
      starred: false,
      job: job.id,
    })
    announcer.announce('gallery', { picture })
    this.#tell(job.id, { type: 'picture', picture, index: rest.index, count })
  }

  async #machinery(): Promise<Machinery> {
    const { device, threads } = this.#parts.settings.value
    return { device: await this.#parts.devices.choose(device), threads }
  }

  #progress(event: { readonly type: string }, job: string, update: (part: Partial<Job>) => void, before: number): void {
    if (event.type === 'preview') {
      const { step, steps, png } = event as { type: string; step: number; steps: number; png: Uint8Array }
      this.#parts.announcer.announce('preview', { job, step: before + step, steps: before + steps, media: this.#parts.media.ofBytes(png) })
      return
    }
    this.#tell(job, event as JobEvent)
    if (event.type !== 'step') return
    const { step, steps, rate } = event as unknown as { step: number; steps: number; rate: number }
    update({ step: before + step, eta: (steps - step) / rate, preparing: null })
  }

  #call(
    name: string,
    task: object,
    job: string,
    signal: AbortSignal,
    onEvent: (event: { readonly type: string }) => void,
  ): Promise<unknown> {
    const call = this.#parts.engine.start(name, task, {
      signal,
      onEvent: (given) => {
        const event = given as { type: string }
        // The state of a large adapter takes a slow disk a while.
        if (event.type === 'saving') call.grant(longestSaving)
        else onEvent(event)
      },
    })
    this.#calls.set(job, call)
    return call.done
  }

  #tell(job: string, event: JobEvent): void {
    this.#announce(job, this.#parts.records.add(job, event), event)
  }

  #announce(id: string, index: number, event: JobEvent): void {
    this.#parts.announcer.announce('job', { id, index, event })
  }
}

/** A stack holds paths of this machine, and stands in the program's own log. */
const sayable = ({ stack: _stack, ...facts }: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> => facts

/** Passes on the first of each stage, and of those that follow one now and then: every one of them would be told to every window. */
function seldom(tell: (now: Preparing) => void): (now: Preparing) => void {
  let [stage, at] = ['', 0]
  return (now) => {
    if (now.stage === stage && Date.now() - at < 200) return
    ;[stage, at] = [now.stage, Date.now()]
    tell(now)
  }
}

const pictureId = (job: string, index: number): string => `${job}-${index}`

/** What is looked up before the work itself may be waited for by nobody. Throws `cancelled`. */
function orStopped<T>(looking: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((done, fail) => {
    const stop = (): void => fail(new PigmentError('cancelled', 'Stopped before it began.', {}))
    if (signal.aborted) stop()
    signal.addEventListener('abort', stop, { once: true })
    looking.then(done, fail).finally(() => signal.removeEventListener('abort', stop))
  })
}
