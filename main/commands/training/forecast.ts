import { statfs } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import type { z } from 'zod'
import type { PictureSet } from '../../../engine/requests/picture-sets.ts'
import { largestSide } from '../../../engine/training/picture-settings.ts'
import { memoryRoom } from '../../../engine/runtime/memory-room.ts'
import { type Forecast, trainingForm } from '../../api/methods/training.ts'
import { unwiseIn } from '../../operations/unwise.ts'
import { defaultsOfModel } from '../../stores/models.ts'
import { hostCommand } from '../../studio/command.ts'
import { foreseenLength } from '../../studio/foreseen-length.ts'
import { forecastOf } from '../../studio/forecast.ts'
import { trainingProblems } from '../../studio/training-problems.ts'
import { isTraining } from '../../studio/training-runs.ts'

type Own = Partial<Omit<PictureSet, 'folder' | 'repeats' | 'classPictures'>>

/** What is learnt from: pictures of the class are seen beside these. */
const setsOf = ({ dataset, repeats, sets = [] }: z.output<typeof trainingForm>) => [
  { folder: dataset, repeats, own: {} as Own },
  ...sets.flatMap(({ classPictures, folder, repeats: times, ...own }) => (classPictures ? [] : { folder, repeats: times, own })),
]

export const forecast = hostCommand({
  input: trainingForm,
  async run({ datasets, models, queue, tools, places, devices, settings }, form): Promise<Forecast> {
    const [shownSets, model, disk] = await Promise.all([
      Promise.all(setsOf(form).map(async ({ folder, repeats, own }) => ({ set: await datasets.use(folder), repeats, own }))),
      models.get(form.model),
      statfs(places.root),
    ])
    // Two sets may hold pictures of one name.
    const of = (i: number, id: string): string => (i === 0 ? id : `${i} ${id}`)
    const found = shownSets.flatMap(({ set, repeats, own }, i) =>
      Array.from(set.found.values(), (one) => ({
        ...{ ...one, id: of(i, one.id), repeats: one.repeats * repeats, own },
        ...sizeOf(set.facts.of(one)),
      })),
    )
    const broken = new Map(
      shownSets.flatMap(({ set }, i) =>
        Array.from(set.found.values()).flatMap((one) => {
          const problem = set.facts.of(one)?.error ?? one.captionProblem
          return problem ? [[of(i, one.id), problem] as const] : []
        }),
      ),
    )
    const { path, facts } = model
    // What cannot be made is told among the problems.
    const possible = trainingProblems(form).length === 0
    const sizes = possible ? await tools.call('adaptedSizes', { path, request: form }) : { trainable: 0, layers: 0, filed: 0 }
    const shown = found.filter(({ id }) => !broken.has(id))
    const counts = { pictures: shown.length, captions: new Set(['', ...shown.map(({ caption }) => caption)]).size }
    // What the engine's process holds already is let go of before a run, or used by it: only a run that the machine could never hold is stopped here.
    const room = { ...memoryRoom(), sure: false }
    // Nothing waits here for a device to be tested.
    const chosen = await devices.foreseen(settings.value.device)
    const card = chosen && { provider: chosen.provider, proven: chosen.precisions }
    const asked = { path, request: form, side: largestSide(form, facts.side), threads: availableParallelism(), ...counts, room, card }
    const memory = possible ? await tools.call('memoryVerdict', asked) : { bytes: 0 }
    const { trigger } = datasets.entry(form.dataset)
    const own = form.trigger ?? trigger
    // A clock tells nothing of the steps before their time is known.
    const { steps } = form.minutes === undefined ? foreseenLength(form, { pictures: shown, facts, secondsPerStep: 0 }) : { steps: 0 }
    const unwise = unwiseIn(form, { pictures: shown, trigger: own, side: facts.side, defaults: defaultsOfModel(model), steps })
    return forecastOf({
      form,
      found,
      broken,
      facts,
      sizes,
      unwise,
      memory,
      earlier: queue.list().filter(isTraining),
      freeMemoryBytes: room.free,
      freeDiskBytes: disk.bavail * disk.bsize,
    })
  },
})

const sizeOf = ({ width = 0, height = 0 }: { readonly width?: number; readonly height?: number } = {}) => ({ width, height })
