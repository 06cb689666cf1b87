// Single-file checkpoints in the ldm/sgm layout: one .safetensors with prefixes for its networks, and no configuration.
import { openSafetensors, type SafetensorsFile } from '../files/safetensors.ts'
import { because, type Reason } from '../requests/reason.ts'
import { assemble } from './assemble.ts'
import type { Checkpoint, ClipTextConfig, Network, TensorSource, VaeConfig, WeightMap } from '../checkpoint/config.ts'
import { clipFromShapes, unetFromShapes, vaeFromShapes } from './config-from-shapes.ts'
import { ignoredOptions, scheduleWithSettings } from './diffusers-schedule.ts'
import { families } from './families/index.ts'
import { projectsTokens, textPrefix, unetPrefix, vaePrefix, type ModelFamily, type TextEncoderRules } from './family.ts'
import { readSettings } from './json-settings.ts'
import type { KeyTable } from './keys/key-table.ts'
import { currentTextKeys } from './keys/hugging-face-text.ts'
import { ldmUnetLayout, ldmUnetTable } from './keys/ldm-unet.ts'
import { ldmVaeLayout, ldmVaeTable } from './keys/ldm-vae.ts'
import { fromOpenClip, openClipLayers } from './keys/open-clip.ts'
import type { OpenOptions } from './open-checkpoint.ts'
import { predictionOf, usualSchedule, usualSpacing } from './prediction.ts'
import { refuseOtherFiles, unknown, unsupported } from './refusals.ts'
import { openVae } from './separate-vae.ts'
import { slicesOf } from './weights.ts'

/** Reads the header of a single-file checkpoint and names its weights as diffusers does. */
export async function openSingleFile(path: string, { prediction: chosen, scheduler, vae: vaePath }: OpenOptions = {}): Promise<Checkpoint> {
  const file = await openSafetensors(path)
  refuseOtherFiles(file)
  const { family, evidence } = recognise(file)
  const { prediction, evidence: why } = await predictionOf(file, family, chosen)

  const texts = family.textEncoders.map((text, i) => readText(file, text, i === 0 ? 'text encoder' : `text encoder ${i + 1}`))
  const unetSlices = slicesOf(file, unetPrefix)
  const unetWeights = renamed(unetSlices, ldmUnetTable(ldmUnetLayout(unetSlices.keys())))
  const unet = unetFromShapes({ path, network: 'UNet' }, unetWeights, {
    ...family,
    sampleSize: family.sampleSize(prediction),
    pooledWidth: texts.at(-1)?.network.config.projection,
  })
  if (unet.addedCondition && !family.published.unet.addedCondition)
    throw unsupported(
      path,
      'unclip',
      `is a ${family.title} UNet with one more condition (unCLIP). Open the plain text-to-image checkpoint.`,
    )
  // As ComfyUI reads the marker: from pure noise, ε says nothing about the picture.
  const zeroSnr = prediction === 'v_prediction' && file.entries.has('ztsnr')
  const usual = usualSchedule(prediction, zeroSnr, usualSpacing(family, zeroSnr))
  const settings = scheduler ? await readSettings(scheduler) : undefined

  return assemble({
    path,
    layout: 'single-file',
    family,
    unet: { config: unet, weights: unetWeights },
    textEncoders: texts.map((text) => text.network),
    vae: vaePath ? await openVae(vaePath, { unet, scalingFactor: family.scalingFactor }) : readVae(file, family),
    vaePath,
    schedule: settings ? scheduleWithSettings(usual, settings, family, prediction) : usual,
    evidence: [
      because('layout-ldm', 'The file has the ldm layout: a UNet below "{prefix}".', { prefix: unetPrefix }),
      ...evidence,
      ...texts.flatMap((text) => text.evidence),
      why,
      ...(settings ? ignoredOptions(settings) : []),
    ],
  })
}

function recognise(file: SafetensorsFile): { family: ModelFamily; evidence: readonly Reason[] } {
  const reasons = new Map<string, string>()
  for (const family of families) {
    const verdict = family.recogniseFile(file)
    if (verdict.mine) return { family, evidence: [...verdict.evidence, ...projectionEvidence(file)] }
    reasons.set(family.title, verdict.reason)
  }
  if (projectsTokens(file) === undefined) throw unknown(file.path, reasons)
  throw unsupported(file.path, 'unet-only', 'is a UNet without a text encoder. Open a whole checkpoint, with text encoder and VAE.', {
    reasons: Object.fromEntries(reasons),
  })
}

const projectionEvidence = (file: SafetensorsFile): Reason[] => [
  projectsTokens(file)
    ? because('projects-linear', 'The UNet projects tokens with linear layers.')
    : because('projects-convolution', 'The UNet projects with convolutions.'),
]

function readVae(file: SafetensorsFile, { scalingFactor }: ModelFamily): Network<VaeConfig> {
  const slices = slicesOf(file, vaePrefix)
  if (slices.size === 0)
    throw unsupported(
      file.path,
      'no-vae',
      'was saved without its VAE. Name one that fits (--vae), or open the full version of this checkpoint.',
    )
  const weights = renamed(slices, ldmVaeTable(ldmVaeLayout(slices.keys())))
  return { config: vaeFromShapes({ path: file.path, network: 'VAE' }, weights, scalingFactor), weights }
}

interface ReadText {
  readonly network: Network<ClipTextConfig>
  readonly evidence: readonly Reason[]
}

function readText(file: SafetensorsFile, rules: TextEncoderRules, network: string): ReadText {
  const slices = slicesOf(file, textPrefix(file, rules))
  const place = { path: file.path, network }
  if (rules.names === 'hugging-face') {
    const weights = currentTextKeys(slices)
    return { network: { config: clipFromShapes(place, weights, rules), weights }, evidence: [] }
  }
  const stored = openClipLayers(slices.keys())
  const { dropsLastLayer } = rules
  const drops = dropsLastLayer !== undefined && stored !== dropsLastLayer.alreadyCut && stored > 1
  const all = fromOpenClip(slices, drops ? stored - 1 : stored)
  const evidence = drops
    ? [because('last-layer-unused', 'The last of {count} text layers is left out: the UNet hears the one before it.', { count: stored })]
    : []
  return { network: { config: clipFromShapes(place, all, rules), weights: all }, evidence }
}

/** The weights that the table knows, by our keys. The table renames modules, so the last word of a key stays. */
function renamed(slices: WeightMap, table: KeyTable): Map<string, TensorSource> {
  const weights = new Map<string, TensorSource>()
  for (const [key, source] of slices) {
    const ours = table.fromFile(key)
    if (ours !== undefined) weights.set(ours, source)
  }
  return weights
}
