// The last step of both layouts: checked weights under a configuration that the weights agree with.
import { basename, extname } from 'node:path'
import { PigmentError } from '../requests/error.ts'
import { because, type Reason } from '../requests/reason.ts'
import type { Checkpoint, ClipTextConfig, Network, ScheduleConfig, UNetConfig, VaeConfig, WeightMap } from '../checkpoint/config.ts'
import type { ModelFamily } from './family.ts'
import { folderName } from './hub-cache.ts'
import { clipModules } from './keys/clip-modules.ts'
import type { ModuleShape } from './keys/modules.ts'
import { unetModules } from './keys/unet-modules.ts'
import { vaeModules } from './keys/vae-modules.ts'
import { takesMask } from './masked-input.ts'
import { refuseOtherInputs } from './refusals.ts'
import { vaeTitle } from './separate-vae.ts'
import { completeWeights } from './weights.ts'

/** What a layout has read: configurations, and every weight it found by our keys. */
export interface Parts {
  readonly path: string
  readonly layout: Checkpoint['layout']
  readonly family: ModelFamily
  readonly unet: Network<UNetConfig>
  readonly textEncoders: readonly Network<ClipTextConfig>[]
  readonly vae: Network<VaeConfig>
  readonly vaePath?: string | undefined
  readonly schedule: ScheduleConfig
  readonly emptyIsZero?: boolean | undefined
  readonly tokenizer?: Checkpoint['tokenizer']
  readonly evidence: readonly Reason[]
}

/** A checkpoint whose every weight is there and of the right shape, or the reason why not. */
export function assemble(parts: Parts): Checkpoint {
  const { path, layout, family, unet, textEncoders, vae, vaePath, schedule, emptyIsZero, tokenizer, evidence } = parts
  refuseOtherInputs(path, unet.config, vae.config)
  checkNumbers(path, family, { unet: unet.config, vae: vae.config, textEncoders })
  const complete = (network: string, modules: readonly ModuleShape[], weights: WeightMap, place = path): WeightMap =>
    completeWeights({ path: place, network }, modules, weights)
  const context = unet.config.crossAttentionDim
  const usual = family.published.unet.crossAttentionDim
  const facts = { width: context, family: family.title, usual }
  const width =
    context === usual
      ? because('context-usual', 'Cross-attention is {width} wide, the usual of {family}.', facts)
      : because('context-other', 'Cross-attention is {width} wide; {family} usually has {usual}.', facts)
  return {
    path,
    name: layout === 'diffusers' ? folderName(path) : basename(path, extname(path)),
    layout,
    family: family.name,
    unet: { config: unet.config, weights: complete('UNet', unetModules(unet.config), unet.weights) },
    textEncoders: textEncoders.map(({ config, weights }, i) => ({
      config,
      weights: complete(i === 0 ? 'text encoder' : `text encoder ${i + 1}`, clipModules(config), weights),
    })),
    vae: { config: vae.config, weights: complete('VAE', vaeModules(vae.config), vae.weights, vaePath) },
    ...(vaePath === undefined ? {} : { vaePath }),
    schedule,
    emptyIsZero: family.emptyPrompt === 'zeros' && (emptyIsZero ?? true),
    ...(tokenizer ? { tokenizer } : {}),
    evidence: [
      ...evidence,
      ...(vaePath === undefined ? [] : [because('vae-other', 'The VAE is that of "{file}".', { file: vaeTitle(vaePath) })]),
      width,
      ...(takesMask(unet.config) ? [forInpainting(unet.config)] : []),
    ],
  }
}

const forInpainting = ({ inChannels: count }: UNetConfig): Reason =>
  because('input-masked', 'The UNet takes {count} channels, latents, a mask and the masked picture: it is for inpainting.', { count })

interface Numbers {
  readonly unet: UNetConfig
  readonly vae: VaeConfig
  readonly textEncoders: Parts['textEncoders']
}

/** Numbers that no single shape shows to be wrong, but that no network can be built with. */
function checkNumbers(path: string, { denoiser }: ModelFamily, { unet, vae, textEncoders }: Numbers): void {
  const fail = (what: string): never => {
    throw new PigmentError(
      'checkpoint-inconsistent',
      `"${path}": ${what} The parts may come from different models; get the checkpoint again.`,
      {
        path,
        problem: what,
      },
    )
  }
  const divides = (what: string, parts: number, whole: number): void => {
    if (whole % parts !== 0) fail(`${what} should divide the width ${whole}, got ${parts}.`)
  }
  unet.blockOutChannels.forEach((C, i) => {
    divides('group norm groups of the UNet', unet.normGroups, C)
    if ((unet.transformerLayers[i] ?? 0) > 0 || i === unet.blockOutChannels.length - 1) divides('heads of the UNet', unet.heads[i] ?? 1, C)
  })
  for (const C of vae.blockOutChannels) divides('group norm groups of the VAE', vae.normGroups, C)
  for (const { config } of textEncoders) divides('heads of a text encoder', config.heads, config.width)

  const text = textEncoders.reduce((sum, { config }) => sum + config.width, 0)
  if (text !== unet.crossAttentionDim)
    fail(`the UNet attends to text of width ${unet.crossAttentionDim}, but the text encoders give ${text}.`)
  const fault = denoiser.fault?.(
    unet,
    textEncoders.map(({ config }) => config),
  )
  if (fault !== undefined) fail(fault)
}
