import { statfs } from 'node:fs/promises'
import { availableParallelism, freemem } from 'node:os'
import { type Forecast, trainingForm } from '../../api/methods/training.ts'
import { hostCommand } from '../../studio/command.ts'
import { forecastOf } from '../../studio/forecast.ts'
import { trainingProblems } from '../../studio/training-problems.ts'
import { isTraining } from '../../studio/training-runs.ts'

export const forecast = hostCommand({
  input: trainingForm,
  async run({ datasets, models, queue, tools, places }, form): Promise<Forecast> {
    const [set, model, disk] = await Promise.all([datasets.use(form.dataset), models.get(form.model), statfs(places.root)])
    const broken = new Map(
      Array.from(set.found.values()).flatMap((one) => {
        const problem = set.facts.of(one)?.error ?? one.captionProblem
        return problem ? [[one.id, problem] as const] : []
      }),
    )
    const { path, facts } = model
    // What cannot be made is told among the problems.
    const possible = trainingProblems(form).length === 0
    const sizes = possible ? await tools.call('adaptedSizes', { path, request: form }) : { trainable: 0, layers: 0 }
    const asked = { path, request: form, side: form.resolution ?? facts.side, threads: availableParallelism() }
    const memoryBytes = possible ? await tools.call('trainingMemory', asked) : 0
    return forecastOf({
      form,
      found: [...set.found.values()],
      broken,
      facts,
      sizes,
      memoryBytes,
      earlier: queue.list().filter(isTraining),
      freeMemoryBytes: freemem(),
      freeDiskBytes: disk.bavail * disk.bsize,
    })
  },
})
