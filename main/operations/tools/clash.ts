import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Adapter } from '../../../engine/adapters/adapter.ts'
import { measure, type Measures } from '../../../engine/clash/measure.ts'
import { clashReport } from '../../../engine/clash/report.ts'
import { fileError } from '../../../engine/files/file-error.ts'
import { familyCalled } from '../../../engine/models/family-called.ts'
import type { ClashReport } from '../../../engine/requests/clash.ts'
import type { OperationContext } from '../../processes/operation.ts'
import { filesOfAdapter } from '../adapter-files.ts'
import type { StepEvent } from '../events.ts'
import type { LoraChoice } from '../lora-choice.ts'
import { readTogether, weightsOf } from '../read-together.ts'
import { tellingSteps } from '../telling-steps.ts'

interface ClashTask {
  readonly files: readonly LoraChoice[]
  /** The checkpoint that they are for; else that of the known ones which fits. */
  readonly model?: string | undefined
}
type Context = Pick<OperationContext<StepEvent>, 'emit' | 'signal'>

interface Measured {
  readonly measures: Measures
  readonly names: readonly string[]
  readonly base: string
}

/** By files and the times of their last changes: other strengths need no reading and no measuring. */
const known = new Map<string, Measured>()
const mostKnown = 12

/** What the adapters do to each other at their strengths; those that are off are left out. Throws `merge-families-differ` and what reading throws. */
export async function clash({ files, model }: ClashTask, context: Context): Promise<ClashReport> {
  const on = files.filter(({ enabled }) => enabled)
  const paths = on.map(({ file }) => file)
  const key = JSON.stringify([await Promise.all(paths.map(stampsOf)), model === undefined ? null : await stampsOf(model)])
  const found = known.get(key) ?? (await measured(paths, model, context))
  // The last asked for is the last to be forgotten.
  known.delete(key)
  known.set(key, found)
  for (const old of [...known.keys()].slice(0, -mostKnown)) known.delete(old)
  const { names, measures, base } = found
  return clashReport(
    on.map((strength, i) => ({ ...strength, name: names[i] ?? '' })),
    measures,
    base,
  )
}

/** A file, or a folder and those of an adapter in it, as they are now. */
async function stampsOf(path: string): Promise<readonly (readonly [string, number, number])[]> {
  const inside = await filesOfAdapter(path)
  return Promise.all(
    ['', ...inside].map(async (name) => {
      const { mtimeMs, size } = await stat(join(path, name)).catch((error: unknown) => {
        throw fileError(error, path, 'read')
      })
      return [join(path, name), mtimeMs, size] as const
    }),
  )
}

async function measured(files: readonly string[], model: string | undefined, { emit, signal }: Context): Promise<Measured> {
  const { adapters, base } = await readTogether(files, model)
  const weight = await weightsOf(base)
  const { family, layout } = base.modules
  const known = {
    weight,
    blockOf: (component: string, path: string) => (component === 'unet' ? familyCalled(family).block(path, layout) : 'BASE'),
  }
  await using runtime = numbersIn(adapters) > manyNumbers ? await openRuntime() : undefined
  const measures = await tellingSteps(measure(adapters, known, { gram: runtime?.gram, signal }), emit)
  return { measures, names: adapters.map(({ name }) => name), base: base.title }
}

/** Where the runtime begins to be worth its start. */
const manyNumbers = 4_000_000

const numbersIn = (adapters: readonly Adapter[]): number =>
  adapters.reduce(
    (sum, { modules }) =>
      sum + modules.reduce((own, { tensors }) => own + Object.values(tensors).reduce((n, { data }) => n + data.length, 0), 0),
    0,
  )

async function openRuntime() {
  const { GramSession } = await import('../../../engine/runtime/gram-session.ts')
  return GramSession.open()
}
