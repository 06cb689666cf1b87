// Forward passes of the networks against diffusers and transformers.
import { runAdapted, StackFeeds } from '../../engine/sessions/adapted-session.ts'
import type { Tensor } from '../../engine/tensor/tensor.ts'
import { textFeeds } from '../../engine/sessions/text-feeds.ts'
import { nothingInserted } from '../../engine/text/inserted-vectors.ts'
import { distance, type Measure, type Setting } from './measure.ts'
import type { TextCheck, UNetCheck, VaeCheck } from './recorded-case.ts'

const none = new StackFeeds([])

export async function unet({ recorded, model }: Setting, check: UNetCheck): Promise<Measure[]> {
  const feeds = await conditions({ recorded, model, layout: '' }, check)
  const sample = await recorded.input(check, 'sample')
  const timestep = await recorded.input(check, 'timestep')
  const { out } = await runAdapted(await model.unet(), { sample, timestep, ...feeds }, none)
  return [{ check: check.name, what: 'output', error: distance(out, await recorded.output(check, 'output')), bar: check.tolerance }]
}

/** What tells the UNet the text, by its names in our graphs. */
export async function conditions(
  { recorded }: Setting,
  check: { readonly inputs: Readonly<Record<string, string>> },
): Promise<Record<string, Tensor>> {
  const roles = { context: 'context', pooled: 'pooled', timeIds: 'time_ids' }
  const found: Record<string, Tensor> = {}
  for (const [role, name] of Object.entries(roles)) {
    const tensor = check.inputs[role]
    if (tensor) found[name] = await recorded.tensor(tensor)
  }
  return found
}

export async function text({ recorded, model }: Setting, check: TextCheck): Promise<Measure[]> {
  const index = check.component === 'text_encoder' ? 0 : 1
  const network = model.checkpoint.textEncoders[index]
  if (!network) throw new Error(`The checkpoint has no ${check.component}`)
  const { config } = network
  const recordedIds = await recorded.input(check, 'ids')
  const [rows = 0, positions = 0] = recordedIds.shape
  const ends = Array.from({ length: rows }, (_, n) => {
    const row = recordedIds.data.subarray(n * positions, (n + 1) * positions)
    return row.indexOf(Math.max(...row))
  })
  const endOfText = new Float32Array(rows * positions)
  ends.forEach((end, n) => (endOfText[n * positions + end] = 1))
  const ids = BigInt64Array.from(recordedIds.data, BigInt)
  const outputs = await runAdapted(
    await model.text(index),
    textFeeds(config, { ids, rows, endOfText, inserted: nothingInserted(config.width, rows * positions) }),
    none,
  )
  const tokens = check.texts.flatMap((words) => [...model.tokenizer.frame(words, positions, config.padId)])
  const wrong = tokens.filter((id, i) => id !== recordedIds.data[i]).length
  const measure = async (what: string, got: Tensor | undefined, role = what): Promise<Measure> => ({
    check: check.name,
    what,
    error: distance(got, await recorded.output(check, role)),
    bar: check.tolerance,
  })
  return [
    { check: check.name, what: 'token ids', error: wrong, bar: 0 },
    await measure('last', outputs.last),
    await measure('conditioning', outputs.context),
    await measure('pooled', outputs.pooled ?? atEnds(outputs.last as Tensor, ends)),
  ]
}

/** Row `ends[n]` of sample n. */
function atEnds({ shape, data }: Tensor, ends: readonly number[]): Tensor {
  const [, positions = 0, width = 0] = shape
  const out = new Float32Array(ends.length * width)
  ends.forEach((end, n) => out.set(data.subarray((n * positions + end) * width, (n * positions + end + 1) * width), n * width))
  return { shape: [ends.length, width], data: out }
}

export async function vae({ recorded, model }: Setting, check: VaeCheck): Promise<Measure[]> {
  const measure = async (what: string, got: Tensor | undefined): Promise<Measure> => ({
    check: check.name,
    what,
    error: distance(got, await recorded.output(check, what)),
    bar: check.tolerance,
  })
  if (check.kind === 'vae-decode') {
    const { pixels } = await (await model.decoder()).run({ latents: await recorded.input(check, 'latents') })
    return [await measure('image', pixels)]
  }
  const { mean, log_variance } = await (await model.encoder()).run({ pixels: await recorded.input(check, 'image') })
  return [await measure('mean', mean), await measure('logvar', log_variance)]
}
