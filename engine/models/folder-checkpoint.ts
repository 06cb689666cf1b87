// A checkpoint from a diffusers folder.
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { PigmentError } from '../requests/error.ts'
import type { Reason } from '../requests/reason.ts'
import { padIdOf, vocabularyIn } from '../text/vocabulary-files.ts'
import { assemble } from './assemble.ts'
import type { Checkpoint, ClipTextConfig, Network, Prediction, TensorSource, VaeConfig } from '../checkpoint/config.ts'
import type { OpenOptions } from './open-checkpoint.ts'
import { clipFromShapes, unetFromShapes, vaeFromShapes } from './config-from-shapes.ts'
import { clipWithSettings, unetWithSettings, vaeWithSettings } from './diffusers-config.ts'
import { list, networkWeights, openFolder, type DiffusersFolder } from './diffusers-folder.ts'
import { ignoredOptions, scheduleWithSettings } from './diffusers-schedule.ts'
import { families } from './families/index.ts'
import type { ModelFamily, TextEncoderRules } from './family.ts'
import { readSettings } from './json-settings.ts'
import { currentTextKeys } from './keys/hugging-face-text.ts'
import { currentVaeKey } from './keys/ldm-vae.ts'
import { chosenSo, predicts, usualSchedule } from './prediction.ts'
import { refuseOtherInputs, unknown } from './refusals.ts'
import { openVae } from './separate-vae.ts'

/** Reads the configurations and headers of a diffusers folder. */
export async function openDiffusers(path: string, { prediction: chosen, scheduler, vae: vaePath }: OpenOptions = {}): Promise<Checkpoint> {
  const folder = await openFolder(path)
  const { family, evidence } = recognise(folder)
  const names = await list(path)
  const needed = ['unet', ...(vaePath ? [] : ['vae']), ...family.textEncoders.map((text) => text.folder)].filter(
    (name) => !names.includes(name),
  )
  if (needed.length > 0)
    throw new PigmentError(
      'checkpoint-incomplete',
      `"${path}" lacks the folder ${needed.join(' and ')}. It may be partly downloaded; get it again.`,
      {
        path,
        missing: needed,
        missingCount: needed.length,
      },
    )

  const textEncoders: Network<ClipTextConfig>[] = []
  for (const text of family.textEncoders) textEncoders.push(await readText(path, text))
  const { schedule, ignored } = await readSchedule(scheduler ?? ownSchedule(path, names), family, chosen)
  const weights = await networkWeights(join(path, 'unet'), 'diffusion_pytorch_model')
  const shaped = unetFromShapes({ path, network: 'UNet' }, weights, {
    ...family,
    sampleSize: family.sampleSize(schedule.prediction),
    pooledWidth: textEncoders.at(-1)?.config.projection,
  })
  const own = names.includes('vae') ? await ownScale(path, family) : family.scalingFactor
  const vae = vaePath ? await openVae(vaePath, { unet: shaped, scalingFactor: own }) : await readVae(path, family)
  // Before config.json is held against what this engine builds: "inpainting" tells more than a field.
  refuseOtherInputs(path, shaped, vae.config)
  const said = chosen
    ? predicts(schedule.prediction, 'predicts-chosen', chosenSo)
    : predicts(schedule.prediction, 'predicts-scheduler', '{file} says so', { file: scheduler ?? 'scheduler/scheduler_config.json' })
  return assemble({
    path,
    layout: 'diffusers',
    family,
    unet: { config: unetWithSettings(shaped, folder.unet), weights },
    textEncoders,
    vae,
    vaePath,
    schedule,
    emptyIsZero: folder.emptyIsZero,
    tokenizer: await vocabularyIn(join(path, 'tokenizer')),
    evidence: [...evidence, said, ...ignored],
  })
}

function recognise(folder: DiffusersFolder): { family: ModelFamily; evidence: readonly Reason[] } {
  const reasons = new Map<string, string>()
  for (const family of families) {
    const verdict = family.recogniseFolder(folder)
    if (verdict.mine) return { family, evidence: verdict.evidence }
    reasons.set(family.title, verdict.reason)
  }
  throw unknown(folder.path, reasons)
}

async function readText(path: string, rules: TextEncoderRules): Promise<Network<ClipTextConfig>> {
  const folder = join(path, rules.folder)
  const weights = currentTextKeys(await networkWeights(folder, 'model'))
  const shaped = clipFromShapes({ path: folder, network: 'text encoder' }, weights, rules)
  const config = clipWithSettings(shaped, await readSettings(join(folder, 'config.json')))
  const vocabulary = await vocabularyIn(join(path, rules.tokenizer))
  const padId = vocabulary && (await padIdOf(vocabulary))
  return { config: padId === undefined ? config : { ...config, padId }, weights }
}

async function readVae(path: string, { scalingFactor }: ModelFamily): Promise<Network<VaeConfig>> {
  const folder = join(path, 'vae')
  const settings = await readSettings(join(folder, 'config.json'))
  const stored = await networkWeights(folder, 'diffusion_pytorch_model')
  const weights = new Map<string, TensorSource>([...stored].map(([key, source]) => [currentVaeKey(key), source]))
  const shaped = vaeFromShapes({ path: folder, network: 'VAE' }, weights, scalingFactor)
  return { config: vaeWithSettings(shaped, settings), weights }
}

/** Also where the VAE itself is left aside, or was never fetched. */
async function ownScale(path: string, { scalingFactor }: ModelFamily): Promise<number> {
  const file = join(path, 'vae', 'config.json')
  const stated = await stat(file).then(
    () => readSettings(file),
    () => undefined,
  )
  return stated?.number('scaling_factor') ?? scalingFactor
}

const ownSchedule = (path: string, names: readonly string[]): string | undefined =>
  names.includes('scheduler') ? join(path, 'scheduler', 'scheduler_config.json') : undefined

async function readSchedule(
  file: string | undefined,
  family: ModelFamily,
  chosen?: Prediction,
): Promise<{ schedule: Checkpoint['schedule']; ignored: readonly Reason[] }> {
  const usual = usualSchedule(chosen ?? 'epsilon', false)
  if (file === undefined) return { schedule: usual, ignored: [] }
  const settings = await readSettings(file)
  return { schedule: scheduleWithSettings(usual, settings, family, chosen), ignored: ignoredOptions(settings) }
}
