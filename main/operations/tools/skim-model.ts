import { stat } from 'node:fs/promises'
import { holdsEmbeddings } from '../../../engine/embeddings/read.ts'
import { adapterFormats } from '../../../engine/adapter-formats/read.ts'
import { fileError } from '../../../engine/files/file-error.ts'
import { openSafetensors } from '../../../engine/files/safetensors.ts'
import { families } from '../../../engine/models/families/index.ts'
import { familyCalled } from '../../../engine/models/family-called.ts'
import { vaeFacts } from '../../../engine/models/separate-vae.ts'
import type { Family } from '../../../engine/checkpoint/config.ts'
import { errorRecord, PigmentError, type ErrorRecord } from '../../../engine/requests/error.ts'
import type { OperationContext } from '../../processes/operation.ts'
import { filesOfAdapter } from '../adapter-files.ts'
import type { Holding } from '../programs/program.ts'
import { inspectModel } from './inspect-model.ts'
import { skimAdapter } from './skim-adapter.ts'

export type FoundKind = 'checkpoint' | 'vae' | 'adapter' | 'embedding' | 'other'

/** What a file of another program is, by its header alone. */
export interface SkimmedModel {
  readonly kind: FoundKind
  /** Of a model or what was made for it; '' where its header does not tell. */
  readonly family: string
  /** The same for a person, or several that it fits. */
  readonly title: string
  /** Of a checkpoint that can be opened. */
  readonly parameters?: number
  readonly unetParameters?: number
  readonly side?: number
  /** Why it cannot be used here. */
  readonly problem?: ErrorRecord
}

interface Asked {
  readonly path: string
  readonly holds: Holding
}

/** Kinds of `checkpoint-unsupported` that are no models by themselves. */
const kinds: Readonly<Record<string, FoundKind>> = {
  vae: 'vae',
  lora: 'adapter',
  embedding: 'embedding',
  controlnet: 'other',
  part: 'other',
}
/** What a file is taken for that cannot be read. */
const meant: Readonly<Record<Holding, FoundKind>> = {
  models: 'checkpoint',
  anything: 'other',
  vaes: 'vae',
  adapters: 'adapter',
  embeddings: 'embedding',
}

/** Never throws for what the file is: what cannot be used says why. */
export async function skimModel({ path, holds }: Asked, context: Pick<OperationContext, 'signal'>): Promise<SkimmedModel> {
  let kind = /\.(ckpt|gguf)$/i.test(path) && holds === 'anything' ? 'checkpoint' : meant[holds]
  try {
    const folder = (await stat(path)).isDirectory()
    kind = folder ? await folderKind(path) : await fileKind(path)
    if (kind === 'adapter' || kind === 'embedding') {
      const { family, base } = await skimAdapter({ path }, context)
      // What an adapter is for is told also where no model of that family is opened here; of an embedding there are only widths.
      return { kind, family: known(family), title: kind === 'embedding' && !known(family) ? '' : base }
    }
    if (kind === 'vae') return { kind, ...(await vaeFamily(path)) }
    const { family, parameters, unetParameters, side } = await inspectModel({ path }, context)
    return { kind: 'checkpoint', family, title: familyCalled(family as Family).title, parameters, unetParameters, side }
  } catch (error) {
    const problem = errorRecord(fileError(error, path, 'read'))
    const told = problem.code === 'checkpoint-unsupported' ? kinds[String(problem.facts.kind)] : undefined
    if (told === 'vae') return { kind: 'vae', ...(await vaeFamily(path)) }
    const nothing = problem.code === 'checkpoint-unknown' && kind === 'checkpoint'
    return { kind: told ?? (nothing ? 'other' : kind), family: '', title: '', problem }
  }
}

const folderKind = async (path: string): Promise<FoundKind> => ((await filesOfAdapter(path)).length > 0 ? 'adapter' : 'checkpoint')

async function fileKind(path: string): Promise<FoundKind> {
  const file = await openSafetensors(path)
  if (adapterFormats.some((format) => 'yes' in format.recognise(file))) return 'adapter'
  return holdsEmbeddings(file) ? 'embedding' : 'checkpoint'
}

const known = (family: string): string => (families.some(({ name }) => name === family) ? family : '')

/** By how many channels its latents have, and by how it scales them where a config.json says that: several families share a VAE. */
async function vaeFamily(path: string): Promise<Pick<SkimmedModel, 'family' | 'title' | 'problem'>> {
  const { latentChannels, scalingFactor } = await vaeFacts(path)
  const fitting = families.filter(
    ({ published, scalingFactor: own }) =>
      published.unet.outChannels === latentChannels && (scalingFactor === undefined || Math.abs(own - scalingFactor) < 1e-4),
  )
  const title = fitting.map((one) => one.title).join(', ')
  if (fitting.length > 0) return { family: fitting.length === 1 ? (fitting[0]?.name ?? '') : '', title }
  const problem = new PigmentError(
    'vae-mismatch',
    `"${path}" is the VAE of another family of models: its latents have ${latentChannels} channels. Choose one made for a model that Pigment opens.`,
    { path, latentChannels, scalingFactor: scalingFactor ?? null },
  )
  return { family: '', title, problem: problem.record() }
}
