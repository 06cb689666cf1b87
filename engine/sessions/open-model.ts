// A model ready to work: its checkpoint, tokenizer, noise process, and sessions that are made when first needed.
import { moduleShapes, type ModuleShapes } from '../adapter-formats/base-modules.ts'
import { activeModules, type StackEntry } from '../adapters/stack.ts'
import type { ClipVocabularyFiles, Checkpoint, ClipTextConfig, Network, Prediction } from '../checkpoint/config.ts'
import type { Conditioning } from '../models/conditioning.ts'
import { openCheckpoint } from '../models/open-checkpoint.ts'
import { pixelFactor, sideStep, usualSide } from '../models/picture-sizes.ts'
import {
  decoderSession,
  encoderSession,
  foldedWeights,
  runAdapted,
  StackFeeds,
  textComponent,
  textSession,
  unetSession,
  type AdaptedSession,
} from './networks.ts'
import type { Provider, Session, SessionOptions } from '../runtime/session.ts'
import { PigmentError } from '../requests/error.ts'
import type { Emphasis } from '../requests/generate.ts'
import { diffusion } from '../processes/diffusion.ts'
import type { NoiseProcess } from '../processes/process.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { parseAttention } from '../text/attention-weights.ts'
import { loadClipTokenizer, type ClipTokenizer } from '../text/clip-tokenizer.ts'
import { emphasise, emphasises } from '../text/emphasis.ts'
import { framePrompts, type Frames } from '../text/encode-prompts.ts'
import { padIdOf } from '../text/vocabulary-files.ts'

export interface ModelOptions {
  readonly provider?: Provider
  readonly threads?: number
  /** What the UNet predicts, where the user knows better than the file. */
  readonly prediction?: Prediction
  /** A scheduler_config.json for a single file. */
  readonly scheduler?: string
  /** A VAE in place of the checkpoint's own. */
  readonly vae?: string
  /** The vocabulary, in place of the checkpoint's own or of OpenAI's. */
  readonly tokenizer?: ClipVocabularyFiles
}

export interface EncodeOptions {
  readonly feeds?: StackFeeds
  /** Encoders with a stack folded in, in place of the model's own. */
  readonly texts?: readonly AdaptedSession[] | undefined
  readonly minChunks?: number
  /** Captions of training are read without it. */
  readonly emphasis?: Emphasis
}

export class Model implements AsyncDisposable {
  readonly checkpoint: Checkpoint
  readonly process: NoiseProcess
  readonly modules: ModuleShapes
  readonly tokenizer: ClipTokenizer
  /** Its files; undefined for OpenAI's own. */
  readonly vocabulary: ClipVocabularyFiles | undefined
  readonly sessionOptions: SessionOptions
  readonly #sessions = new Map<string, Promise<AdaptedSession | Session>>()
  #convolutions = false

  private constructor(checkpoint: Checkpoint, { tokenizer, vocabulary }: Pick<Model, 'tokenizer' | 'vocabulary'>, options: SessionOptions) {
    this.checkpoint = checkpoint
    this.process = diffusion(checkpoint.schedule)
    this.modules = moduleShapes(checkpoint)
    this.tokenizer = tokenizer
    this.vocabulary = vocabulary
    this.sessionOptions = options
  }

  /** Opens a diffusers folder or a single-file checkpoint. Throws what `openCheckpoint` throws, or `tokenizer-mismatch`. */
  static async open(
    path: string,
    { provider = 'cpu', threads, prediction, scheduler, vae, tokenizer: named }: ModelOptions = {},
  ): Promise<Model> {
    const checkpoint = await openCheckpoint(path, {
      ...(prediction ? { prediction } : {}),
      ...(scheduler ? { scheduler } : {}),
      ...(vae ? { vae } : {}),
    })
    const vocabulary = named ?? checkpoint.tokenizer
    const tokenizer = await loadClipTokenizer(vocabulary)
    checkVocabulary(checkpoint, tokenizer)
    return new Model(
      named ? await paddedAs(checkpoint, named) : checkpoint,
      { tokenizer, vocabulary },
      {
        provider,
        ...(threads ? { threads } : {}),
      },
    )
  }

  /** Pixels per latent cell. */
  get pixelFactor(): number {
    return pixelFactor(this.checkpoint)
  }
  /** Side of the model's usual picture, in pixels. */
  get defaultSide(): number {
    return usualSide(this.checkpoint)
  }
  /** Sides of its pictures are multiples of this. */
  get sideStep(): number {
    return sideStep(this.checkpoint)
  }

  /**
   * The UNet with its linear layers open for adapters. From the first stack on that acts on convolutions these are open too: another session,
   * made once, in place of the one before.
   */
  async unet(stack: readonly StackEntry[] = []): Promise<AdaptedSession> {
    const active = activeModules(stack, 'unet')
    const spatial = [...active.values()].flat().some(({ module }) => module.down.shape.slice(2).some((side) => side > 1))
    if (!this.#sessions.has('unet')) this.#convolutions ||= spatial
    const make = () => unetSession(this.checkpoint, this.sessionOptions, { convolutions: this.#convolutions })
    const found = await this.#once('unet', make)
    const open = new Set(found.adapted.map(({ path }) => path))
    if (this.#convolutions || [...active.keys()].every((path) => open.has(path))) return found
    this.#convolutions = true
    await this.release('unet')
    return this.#once('unet', make)
  }
  encoder(): Promise<Session> {
    return this.#once('encoder', () => encoderSession(this.checkpoint, this.sessionOptions))
  }
  decoder(): Promise<Session> {
    return this.#once('decoder', () => decoderSession(this.checkpoint, this.sessionOptions))
  }
  text(index: number): Promise<AdaptedSession> {
    const network = this.checkpoint.textEncoders[index] as Checkpoint['textEncoders'][number]
    return this.#once(textComponent(index), () => textSession(network, index, this.sessionOptions))
  }

  /** UNet and text encoders with a stack added into their weights. The caller disposes of them. */
  async folded(stack: readonly StackEntry[]): Promise<{ unet: AdaptedSession; texts: AdaptedSession[] }> {
    const { unet, textEncoders } = this.checkpoint
    const of = async (index: number) => {
      const network = textEncoders[index] as Checkpoint['textEncoders'][number]
      return textSession(network, index, this.sessionOptions, await foldedWeights(network.weights, stack, textComponent(index)))
    }
    return {
      unet: await unetSession(this.checkpoint, this.sessionOptions, { folded: await foldedWeights(unet.weights, stack, 'unet') }),
      texts: await Promise.all(textEncoders.map((_, i) => of(i))),
    }
  }

  /** Encodes prompts with every text encoder; states are joined along the width, chunks along the tokens. */
  async encodePrompts(prompts: readonly string[], options: EncodeOptions = {}): Promise<Conditioning> {
    const { feeds = new StackFeeds([]), texts, minChunks, emphasis = 'none' } = options
    const segments = prompts.map((prompt) => parseAttention(prompt, emphasis))
    const parts: Tensor[] = []
    let pooled: Tensor | undefined
    for (const [i, { config }] of this.checkpoint.textEncoders.entries()) {
      const frames = framePrompts(this.tokenizer, config, segments, { emphasis, minChunks })
      const adapted = texts?.[i] ?? (await this.text(i))
      const encoded = await this.#encode(adapted, config, frames, feeds)
      const context = encoded.context as Tensor
      if (emphasises(frames.weights)) {
        const { positions, width } = config
        const none = framePrompts(this.tokenizer, config, [[]], { emphasis })
        const empty = emphasis === 'comfyui' ? (await this.#encode(adapted, config, none, feeds)).context : undefined
        emphasise(emphasis, { context: context.data, weights: frames.weights, positions, width, ...(empty ? { empty: empty.data } : {}) })
      }
      parts.push({ shape: [prompts.length, frames.chunks * config.positions, config.width], data: context.data })
      if (encoded.pooled) pooled = firstOfEach(encoded.pooled, frames.chunks)
    }
    return { context: joinWidths(parts), ...(pooled ? { pooled } : {}) }
  }

  #encode(adapted: AdaptedSession, config: ClipTextConfig, { ids, rows, endOfText }: Frames, feeds: StackFeeds) {
    const shape = [rows, config.positions]
    const ends: Record<string, Tensor> = config.projection ? { end_of_text: { shape: [...shape, 1], data: endOfText } } : {}
    return runAdapted(adapted, { ids: { shape, data: ids }, ...ends }, feeds)
  }

  /** Frees one kind of session; it is made again when needed. */
  async release(...names: readonly ('unet' | 'encoder' | 'decoder' | 'text_encoder' | 'text_encoder_2')[]): Promise<void> {
    for (const name of names) {
      const held = this.#sessions.get(name)
      this.#sessions.delete(name)
      if (held) await dispose(await held)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.release('unet', 'encoder', 'decoder', 'text_encoder', 'text_encoder_2')
  }

  #once<T extends AdaptedSession | Session>(name: string, make: () => Promise<T>): Promise<T> {
    const known = this.#sessions.get(name)
    if (known) return known as Promise<T>
    const made = make()
    this.#sessions.set(name, made)
    made.catch(() => this.#sessions.delete(name))
    return made
  }
}

/** More tokens than a text encoder has rows for belong to another model. Fewer are usual: embeddings may have been added. */
function checkVocabulary({ path, textEncoders, tokenizer }: Checkpoint, { vocabSize }: ClipTokenizer): void {
  for (const { config } of textEncoders)
    if (vocabSize > config.vocabSize)
      throw new PigmentError(
        'tokenizer-mismatch',
        `"${path}": its text encoder knows ${config.vocabSize} tokens, but ${tokenizer ? 'its vocabulary' : "OpenAI's vocabulary"} has ${vocabSize}. ` +
          'Name the folder of the vocabulary that it was trained with (--tokenizer), or open its diffusers folder, which has one.',
        { path, known: config.vocabSize, vocabulary: vocabSize },
      )
}

/** A vocabulary that is named says what the first text encoder is padded with; a second one has a padding of its own. */
async function paddedAs(checkpoint: Checkpoint, vocabulary: ClipVocabularyFiles): Promise<Checkpoint> {
  const padId = await padIdOf(vocabulary)
  if (padId === undefined) return checkpoint
  const padded = ({ config, weights }: Network<ClipTextConfig>, i: number) => ({ config: i === 0 ? { ...config, padId } : config, weights })
  return { ...checkpoint, textEncoders: checkpoint.textEncoders.map(padded) }
}

export function dispose(held: AdaptedSession | Session): Promise<void> {
  return 'session' in held ? held.session[Symbol.asyncDispose]() : held[Symbol.asyncDispose]()
}

function firstOfEach(rows: Tensor, chunks: number): Tensor {
  const [count = 0, width = 0] = rows.shape
  const prompts = count / chunks
  const data = new Float32Array(prompts * width)
  for (let n = 0; n < prompts; n++) data.set(rows.data.subarray(n * chunks * width, n * chunks * width + width), n * width)
  return { shape: [prompts, width], data }
}

/** (N, T, D₁) and (N, T, D₂) → (N, T, D₁ + D₂). */
function joinWidths(parts: readonly Tensor[]): Tensor {
  const [first] = parts
  if (!first || parts.length === 1) return first as Tensor
  const [n = 0, t = 0] = first.shape
  const widths = parts.map(({ shape }) => shape[2] ?? 0)
  const total = widths.reduce((a, b) => a + b, 0)
  const data = new Float32Array(n * t * total)
  for (let row = 0; row < n * t; row++) {
    let at = row * total
    parts.forEach((part, i) => {
      const width = widths[i] ?? 0
      data.set(part.data.subarray(row * width, (row + 1) * width), at)
      at += width
    })
  }
  return { shape: [n, t, total], data }
}
