// The main job, whole and unattended: train two styles on the sample sets, stack them, draw a contact sheet, export, read back, measure.
import { mkdir, stat } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { join, resolve } from 'node:path'
import type { Adapter } from '../../../engine/adapters/adapter.ts'
import type { StackEntry } from '../../../engine/adapters/stack.ts'
import { fileError } from '../../../engine/files/file-error.ts'
import { contactSheet } from '../../../engine/images/contact-sheet.ts'
import { writePng } from '../../../engine/images/write-png.ts'
import { exportFormats } from '../../../engine/requests/adapter-formats.ts'
import { usualFormat, type ExportFormat } from '../../../engine/requests/export.ts'
import { generateRequest } from '../../../engine/requests/generate.ts'
import { trainRequest, type TrainRequest } from '../../../engine/requests/train.ts'
import type { Generated } from '../../../engine/generate.ts'
import type { Model } from '../../../engine/sessions/open-model.ts'
import { assetPath } from '../../places/asset-path.ts'
import type { OperationContext } from '../../processes/operation.ts'
import { promptOf, sampleStyles, scoredConcepts, sheetConcepts, type SampleStyle } from '../demo-styles.ts'
import type { TrainingEvent } from '../events.ts'
import type { Machinery } from '../machinery.ts'
import { unixTime } from '../clock.ts'
import { drain } from '../drain.ts'
import { embeddedDefaults } from '../../places/embedded-defaults.ts'
import { openModel, type ModelChoice } from '../open-model.ts'
import { endRun } from '../run-folder.ts'
import { styleScore } from '../style-score.ts'
import { metadataOf } from '../training-record.ts'

/** Pictures in a run: at this size more are no faster, and memory grows with them. */
const together = 8

interface Settings extends ModelChoice {
  readonly out: string
  readonly steps: number
  readonly rank: number
  readonly members: number
  readonly layers: TrainRequest['layers']
  readonly batch: number
  readonly lr: number
  readonly seed: number
  readonly sampleSteps: number
}
type Context = OperationContext<TrainingEvent | { readonly type: 'note'; readonly message: string }>

export async function demo(given: Settings & Machinery, context: Context) {
  const began = performance.now()
  const out = resolve(given.out)
  await mkdir(out, { recursive: true }).catch((error: unknown) => {
    throw fileError(error, out, 'write')
  })
  const threads = given.threads || Math.min(4, availableParallelism())
  await using model = await openModel({ ...given, threads, emit: context.emit }, given)
  const draw = painter(model, given, context.signal)

  note(context, 'Drawing with the base model, before any training.')
  const before = await draw(scoredConcepts, [])
  const adapters: Adapter[] = []
  const after: Generated[][] = []
  const rows: Record<string, unknown>[] = []
  for (const style of sampleStyles) {
    note(context, `Training the style “${style.title}”.`)
    const { adapter, row } = await trainStyle(context, model, style, { ...given, out }, context.signal)
    adapters.push(adapter)
    const styled = await draw(scoredConcepts, [entry(adapter)], [style])
    after.push(styled)
    rows.push({ ...row, styleBefore: share(before, style), styleAfter: share(styled, style) })
  }

  const [one, two] = adapters as [Adapter, Adapter]
  const [first, second] = sampleStyles as readonly [SampleStyle, SampleStyle]
  note(context, 'Drawing the contact sheet.')
  // The sheet's concepts come first among those that are scored: these are drawn already.
  const shown = (pictures: readonly Generated[] = []): readonly Generated[] => pictures.slice(0, sheetConcepts.length)
  const columns: readonly (readonly [title: string, pictures: readonly Generated[]])[] = [
    ['base', shown(before)],
    [one.name, shown(after[0])],
    [two.name, shown(after[1])],
    ['both at 0.5', await draw(sheetConcepts, [entry(one, 0.5), entry(two, 0.5)], [first, second])],
    [`${one.name} 0.5`, await draw(sheetConcepts, [entry(one, 0.5)], [first])],
    [`${one.name} 1.5`, await draw(sheetConcepts, [entry(one, 1.5)], [first])],
  ]
  const drawn = columns.map(([, pictures]) => pictures)
  const sheet = join(out, 'contact-sheet.png')
  const cells = sheetConcepts.map((_, r) => drawn.map((column) => picture(column[r] as Generated)))
  await writePng(
    sheet,
    await contactSheet(cells, {
      title: 'Two styles arrive',
      subtitle: 'No concept on this sheet is in a sample set',
      columns: columns.map(([title]) => title),
      rows: [...sheetConcepts],
    }),
  )
  const readBack = await checkExports(model, out, adapters, draw)
  return { contactSheet: sheet, adapters: rows, readBack, seconds: (performance.now() - began) / 1000 }
}

const note = ({ emit }: Context, message: string): void => emit({ type: 'note', message })
const entry = (adapter: Adapter, weight = 1): StackEntry => ({ adapter, weight, enabled: true })
const picture = ({ rgb, width, height }: Generated) => ({ width, height, data: rgb })
const share = (images: readonly Generated[], { judged }: SampleStyle): string =>
  `${Math.round(
    100 *
      styleScore(
        images.map(({ rgb }) => rgb),
        judged,
      ),
  )} %`

type Painter = (concepts: readonly string[], stack: readonly StackEntry[], styles?: readonly SampleStyle[]) => Promise<Generated[]>

/** Pictures of concepts under one stack, `together` in the same runs; every concept has its own seed, the same in every column. */
function painter(model: Model, { seed, sampleSteps }: Pick<Settings, 'seed' | 'sampleSteps'>, signal: AbortSignal): Painter {
  return async (concepts, stack, styles) => {
    const { generateTogether } = await import('../../../engine/generate.ts')
    const request = generateRequest.parse({
      prompt: '',
      steps: sampleSteps,
      ...embeddedDefaults.guidance[stack.length > 0 ? 'stacked' : 'alone'],
      sampler: 'ddim',
    })
    const pictures = concepts.map((concept, i) => ({ prompt: promptOf(concept, styles), seed: seed + i }))
    const drawn: Generated[] = []
    for (let i = 0; i < pictures.length; i += together)
      drawn.push(...(await drain(generateTogether(model, request, pictures.slice(i, i + together), { stack, signal }), () => {})))
    return drawn
  }
}

async function trainStyle(context: Context, model: Model, style: SampleStyle, settings: Settings, signal: AbortSignal) {
  const [{ train }, { writeAdapter, moduleShapes }] = await Promise.all([
    import('../../../engine/train.ts'),
    import('../../../engine/adapter-formats/read.ts'),
  ])
  const { rank, members, layers, steps, batch, lr, seed, out } = settings
  const request = trainRequest.parse({
    dataset: join(assetPath('samples'), style.name),
    rank,
    alpha: rank,
    members,
    layers,
    steps,
    batch,
    lr,
    seed,
    warmup: Math.min(80, Math.floor(steps / 3)),
    captionDropout: 0.1,
    trigger: style.trigger,
    title: style.title,
    checkpointEvery: 0,
  })
  const startedAt = unixTime()
  let facts = { step: 0, trainable: 0, total: 1 }
  let seconds = 0
  const runFolder = join(out, `${style.name}.run`)
  const { adapter, dataset } = await drain(train(model, request, { runFolder, signal }), (event) => {
    if (event.type === 'start') facts = event
    if (event.type === 'done') seconds = event.seconds
    context.emit(event)
  })
  const named = {
    ...adapter,
    name: style.title,
    metadata: metadataOf({ title: style.title, model, request, dataset, startedAt, finishedAt: unixTime() }),
  }
  const options = { modules: moduleShapes(model.checkpoint), precision: 'fp32' as const }
  const file = join(out, `${style.name}.safetensors`)
  for (const { format, path } of exportsOf(style.name)) await writeAdapter(named, format, join(out, path), options)
  // The next demo trains again, and tells true times.
  await endRun(runFolder)
  const row = {
    style: style.title,
    seconds,
    stepsPerSecond: (steps - facts.step) / Math.max(seconds, 1e-9),
    trainable: facts.trainable,
    fraction: facts.trainable / facts.total,
    sizeBytes: (await stat(file)).size,
  }
  return { adapter: named, row }
}

/** A style in every format that is one file, the usual one under its own name. */
const exportsOf = (style: string): { format: ExportFormat; path: string }[] =>
  exportFormats
    .filter(({ container }) => container === 'file')
    .map(({ name }) => ({ format: name, path: `${style}${name === usualFormat ? '' : `-${name}`}.safetensors` }))

/** Reads every exported file back and draws the first concept again: the picture must be the same to the byte. */
async function checkExports(model: Model, out: string, adapters: readonly Adapter[], draw: Painter) {
  const { readAdapter, moduleShapes } = await import('../../../engine/adapter-formats/read.ts')
  const modules = moduleShapes(model.checkpoint)
  const rows: { file: string; samePicture: boolean }[] = []
  for (const [i, { name }] of sampleStyles.entries()) {
    const drawn = async (adapter: Adapter) => {
      const [only] = await draw(sheetConcepts.slice(0, 1), [entry(adapter)], sampleStyles.slice(i, i + 1))
      return Buffer.from(only?.rgb ?? [])
    }
    const exported = await drawn(adapters[i] as Adapter)
    for (const { path } of exportsOf(name)) {
      const adapter = await readAdapter(join(out, path), modules)
      rows.push({ file: path, samePicture: exported.equals(await drawn(adapter)) })
    }
  }
  return rows
}
