// A case that build/reference/record.py recorded: what was computed, from what, by the reference programs.
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openSafetensors, readTensor, type SafetensorsFile } from '../../engine/files/safetensors.ts'
import type { Prediction } from '../../engine/checkpoint/config.ts'
import type { Tensor } from '../../engine/tensor/tensor.ts'
import type { TrainRequest } from '../../engine/requests/train.ts'
import { expandCase, type Formula } from '../reference/expand.ts'

type Names = Readonly<Record<string, string>>

interface CheckOf<Kind extends string> {
  readonly kind: Kind
  readonly name: string
  readonly tolerance: number
  readonly inputs: Names
  readonly outputs: Names
}

export type UNetCheck = CheckOf<'unet'>
export type VaeCheck = CheckOf<'vae-encode' | 'vae-decode'>
export interface TextCheck extends CheckOf<'text'> {
  readonly component: string
  readonly texts: readonly string[]
}
export interface LoraGradientsCheck extends CheckOf<'lora-gradients'> {
  readonly modules: readonly string[]
  readonly adapter: string
  readonly rank: number
  readonly alpha: number
  /** Default: the attention projections. */
  readonly layers?: TrainRequest['layers']
}
export interface FullGradientsCheck extends CheckOf<'full-gradients'> {
  readonly weights: readonly string[]
}
export interface TrainingCheck extends CheckOf<'lora-training'> {
  readonly modules: readonly string[]
  readonly adapter: string
  readonly rank: number
  readonly alpha: number
  /** Default: the attention projections. */
  readonly layers?: TrainRequest['layers']
  readonly learningRate: number
  readonly weightDecay: number
  readonly betas: readonly [number, number]
  readonly epsilon: number
  readonly clip: number
  readonly steps: number
}
export interface PipelineCheck extends CheckOf<'pipeline'> {
  readonly sampler: string
  readonly steps: number
  readonly guidance: number
  readonly width: number
  readonly height: number
  readonly prompt: string
  readonly negative: string
  readonly adapters: readonly { readonly files: readonly string[]; readonly weight: number }[]
}
export interface Img2imgCheck extends CheckOf<'img2img'>, Omit<PipelineCheck, 'adapters' | keyof CheckOf<'pipeline'>> {
  readonly strength: number
}
export type Check =
  UNetCheck | VaeCheck | TextCheck | LoraGradientsCheck | FullGradientsCheck | TrainingCheck | PipelineCheck | Img2imgCheck

interface CaseFile {
  readonly format: number
  readonly name: string
  readonly prediction: Prediction
  readonly layouts: Readonly<Record<string, string>>
  readonly checks: readonly Check[]
}

export class RecordedCase implements AsyncDisposable {
  readonly folder: string
  readonly name: string
  readonly prediction: Prediction
  readonly checks: readonly Check[]
  /** Path of the checkpoint in each layout that the case has. */
  readonly layouts: Readonly<Record<string, string>>
  readonly #golden: SafetensorsFile
  readonly #temporary: boolean

  private constructor(folder: string, { name, prediction, checks, layouts }: CaseFile, golden: SafetensorsFile, temporary: boolean) {
    this.folder = folder
    this.name = name
    this.prediction = prediction
    this.checks = checks
    this.layouts = Object.fromEntries(Object.entries(layouts).map(([layout, path]) => [layout, join(folder, path)]))
    this.#golden = golden
    this.#temporary = temporary
  }

  /**
   * Opens a recorded folder; one without its weights is completed in a temporary copy, with other tensors `instead`, which goes when the case is disposed
   * of.
   */
  static async open(directory: string, instead?: Readonly<Record<string, Formula>>): Promise<RecordedCase> {
    const facts = JSON.parse(await readFile(join(directory, 'case.json'), 'utf8')) as CaseFile
    if (facts.format !== 1) throw new Error(`${directory}: this comparison reads format 1, the case has format ${facts.format}`)
    const thin = !existsSync(join(directory, facts.layouts.diffusers ?? '', 'unet', 'diffusion_pytorch_model.safetensors'))
    const folder = thin ? await mkdtemp(join(tmpdir(), 'pigment-parity-')) : directory
    if (thin) await expandCase(directory, folder, instead)
    return new RecordedCase(folder, facts, await openSafetensors(join(folder, 'golden.safetensors')), thin)
  }

  /** The folder's own vocabulary, which a single file does not carry. */
  get tokenizer(): { readonly vocab: string; readonly merges: string } {
    const folder = join(this.layouts.diffusers ?? '', 'tokenizer')
    return { vocab: join(folder, 'vocab.json'), merges: join(folder, 'merges.txt') }
  }

  get scheduler(): string {
    return join(this.layouts.diffusers ?? '', 'scheduler', 'scheduler_config.json')
  }

  tensor(name: string): Promise<Tensor> {
    return readTensor(this.#golden, name)
  }

  async input(check: Check, role: string): Promise<Tensor> {
    return this.tensor(named(check.inputs, role, check))
  }

  async output(check: Check, role: string): Promise<Tensor> {
    return this.tensor(named(check.outputs, role, check))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#temporary) await rm(this.folder, { recursive: true, force: true })
  }
}

function named(names: Names, role: string, check: Check): string {
  const name = names[role]
  if (!name) throw new Error(`The check "${check.name}" has no tensor "${role}"`)
  return name
}
