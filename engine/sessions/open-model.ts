// A model ready to work: its checkpoint, tokenizer, noise process, and sessions that are made when first needed.
import { moduleShapes, type ModuleShapes } from '../adapter-formats/base-modules.ts'
import { masksOf, type StackEntry } from '../adapters/stack.ts'
import type { ClipVocabularyFiles, Checkpoint, ClipTextConfig, Network, Prediction } from '../checkpoint/config.ts'
import type { Conditioning } from '../models/conditioning.ts'
import { clipSkipped } from '../models/clip-skip.ts'
import { familyCalled } from '../models/family-called.ts'
import { textNetwork, unetNetwork, type AdaptedNetwork } from '../adapter-formats/base-networks.ts'
import { openCheckpoint } from '../models/open-checkpoint.ts'
import { pixelFactor, sideStep, usualSide } from '../models/picture-sizes.ts'
import { AdaptableNetwork } from './adaptable-network.ts'
import { runAdapted, StackFeeds, stackTerms, type AdaptedSession } from './adapted-session.ts'
import { chosenPrecision } from './chosen-precision.ts'
import type { Economy } from './economy.ts'
import { foldedWeights } from './folded-weights.ts'
import { checkVocabulary, paddedAs } from './own-vocabulary.ts'
import { textFeeds } from './text-feeds.ts'
import { AutoencoderSessions } from './autoencoder-sessions.ts'
import { feedsWeights, TextNetworks } from './text-networks.ts'
import { decoderSession, encoderSession, textSession, unetSession } from './networks.ts'
import type { Provider, Session, SessionOptions } from '../runtime/session.ts'
import type { AskedPrecision, ComputePrecision } from '../requests/compute-precision.ts'
import type { Emphasis } from '../requests/generate.ts'
import type { Tiling } from '../requests/tiling-fields.ts'
import { diffusion } from '../processes/diffusion.ts'
import type { NoiseProcess } from '../processes/process.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { parseAttention } from '../text/attention-weights.ts'
import { loadClipTokenizer, type ClipTokenizer } from '../text/clip-tokenizer.ts'
import { emphasise, emphasises } from '../text/emphasis.ts'
import type { Embedding } from '../text/embedding.ts'
import { framePrompts } from '../text/encode-prompts.ts'

export interface ModelOptions {
  readonly provider?: Provider
  readonly threads?: number
  /** In how many bits it is computed; fp32 unless told. */
  readonly precision?: AskedPrecision | undefined
  /** Precisions that the provider proved to compute rightly. */
  readonly proven?: readonly ComputePrecision[] | undefined
  /** What it does with less memory. */
  readonly economy?: Economy | undefined
  /** What the UNet predicts, where the user knows better than the file. */
  readonly prediction?: Prediction
  /** A scheduler_config.json for a single file. */
  readonly scheduler?: string
  /** A VAE in place of the checkpoint's own. */
  readonly vae?: string
  /** Its schedule is made to end in noise alone. */
  readonly zeroTerminalSnr?: boolean
  /** The layer of the text encoders that it is read at, where pictures ask for none (`clipSkipped`). */
  readonly clipSkip?: number | undefined
  /** The vocabulary, in place of the checkpoint's own or of OpenAI's. */
  readonly tokenizer?: ClipVocabularyFiles
}

export interface EncodeOptions {
  readonly feeds?: StackFeeds
  /** Encoders with a stack folded in, in place of the model's own. */
  readonly texts?: readonly AdaptedSession[] | undefined
  readonly minChunks?: number
  /** What the prompts may call; each fits this model. */
  readonly embeddings?: readonly Embedding[]
  /** The layer of the text encoders (`clipSkipped`). */
  readonly clipSkip?: number
  /** Captions of training are read without it. */
  readonly emphasis?: Emphasis
}

const halves = { encoder: encoderSession, decoder: decoderSession }

export class Model implements AsyncDisposable {
  readonly checkpoint: Checkpoint
  readonly process: NoiseProcess
  readonly modules: ModuleShapes
  readonly tokenizer: ClipTokenizer
  /** Its files; undefined for OpenAI's own. */
  readonly vocabulary: ClipVocabularyFiles | undefined
  readonly sessionOptions: SessionOptions
  /** May change from picture to picture. */
  economy: Economy
  /** Edges of its pictures that meet; another one takes other sessions. May change from picture to picture. */
  tiling: Tiling = 'none'
  /** Precisions that its device proved, beside fp32. */
  readonly proven: readonly ComputePrecision[]
  readonly #unet: AdaptableNetwork
  /** For stacks with regions, which cost every layer a little: another session, in place of the usual one while there are such. */
  readonly #regional: AdaptableNetwork
  readonly #texts: TextNetworks
  readonly #vae = new AutoencoderSessions((half, tiling) => halves[half](this.checkpoint, this.sessionOptions, tiling))
  /** That of the UNet's sessions. */
  #unetTiling: Tiling = 'none'

  private constructor(
    checkpoint: Checkpoint,
    { tokenizer, vocabulary, economy, proven }: Pick<Model, 'tokenizer' | 'vocabulary' | 'economy' | 'proven'>,
    options: SessionOptions,
  ) {
    this.economy = economy
    this.proven = proven
    this.checkpoint = checkpoint
    this.process = diffusion({ ...checkpoint.schedule, alignedFor: familyCalled(checkpoint.family).alignedFor })
    this.modules = moduleShapes(checkpoint)
    this.tokenizer = tokenizer
    this.vocabulary = vocabulary
    this.sessionOptions = options
    const unet = (regional: boolean): AdaptableNetwork =>
      new AdaptableNetwork({
        network: unetNetwork(checkpoint),
        feedsWeights: feedsWeights(options),
        make: (network) => unetSession(checkpoint, options, { ...network, regional, tiling: this.tiling }),
      })
    this.#unet = unet(false)
    this.#regional = unet(true)
    this.#texts = new TextNetworks(checkpoint, options)
  }

  /** Opens a diffusers folder or a single-file checkpoint. Throws what `openCheckpoint` and `chosenPrecision` throw, or `tokenizer-mismatch`. */
  static async open(
    path: string,
    {
      provider = 'cpu',
      threads,
      precision: asked = 'fp32',
      proven,
      economy = {},
      prediction,
      scheduler,
      vae,
      zeroTerminalSnr,
      clipSkip,
      tokenizer: named,
    }: ModelOptions = {},
  ): Promise<Model> {
    const opened = await openCheckpoint(path, {
      ...(prediction ? { prediction } : {}),
      ...(scheduler ? { scheduler } : {}),
      ...(vae ? { vae } : {}),
      ...(zeroTerminalSnr ? { zeroTerminalSnr } : {}),
    })
    const checkpoint = clipSkipped(opened, clipSkip)
    const vocabulary = named ?? checkpoint.tokenizer
    const tokenizer = await loadClipTokenizer(vocabulary)
    checkVocabulary(checkpoint, tokenizer)
    const precision = economy.half ? 'fp16' : chosenPrecision(asked, checkpoint, { provider, proven })
    return new Model(
      named ? await paddedAs(checkpoint, named) : checkpoint,
      { tokenizer, vocabulary, economy, proven: proven ?? [] },
      {
        provider,
        ...(threads ? { threads } : {}),
        ...(precision === 'fp32' ? {} : { precision }),
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
   * The UNet for a stack. Its linear layers are open for adapters; from the first stack on that acts on convolutions, or scales layers, these are open
   * too: another session, made once, in place of the one before. So do regions, of which a new one costs none. `alone`: for the model alone, with
   * whatever the stack needs open.
   */
  async unet(stack: readonly StackEntry[] = [], alone = false): Promise<AdaptedSession> {
    const [network, other] = masksOf(stack).length > 0 ? [this.#regional, this.#unet] : [this.#unet, this.#regional]
    await other.release()
    const changed = this.#unetTiling !== this.tiling
    this.#unetTiling = this.tiling
    if (changed) await network.release()
    const made = await network.session(stack, alone)
    return this.economy.byRow ? { ...made, byRow: true } : made
  }
  /** An autoencoder that works on parts has edges of its own in them; `tiled` puts what lies beyond around the whole. */
  get #tilingOfParts(): Tiling {
    return this.economy.tiles ? 'none' : this.tiling
  }
  encoder(): Promise<Session> {
    return this.#vae.session('encoder', this.#tilingOfParts)
  }
  decoder(): Promise<Session> {
    return this.#vae.session('decoder', this.#tilingOfParts)
  }
  text(index: number, stack: readonly StackEntry[] = [], alone = false): Promise<AdaptedSession> {
    return this.#texts.session(index, stack, alone)
  }

  /** UNet and text encoders with a stack added into their weights. The caller disposes of them. */
  async folded(stack: readonly StackEntry[], clipSkip?: number): Promise<{ unet: AdaptedSession; texts: AdaptedSession[] }> {
    const folded = async (network: AdaptedNetwork) => ({ folded: await foldedWeights(network.weights, await stackTerms(network, stack)) })
    const text = async (encoder: Network<ClipTextConfig>, i: number) =>
      textSession(encoder, i, this.sessionOptions, await folded(textNetwork(encoder, i)))
    return {
      unet: await unetSession(this.checkpoint, this.sessionOptions, {
        ...(await folded(unetNetwork(this.checkpoint))),
        tiling: this.tiling,
      }),
      texts: await Promise.all(clipSkipped(this.checkpoint, clipSkip).textEncoders.map(text)),
    }
  }

  /** Encodes prompts with every text encoder; states are joined along the width, chunks along the tokens. */
  async encodePrompts(prompts: readonly string[], options: EncodeOptions = {}): Promise<Conditioning> {
    const { feeds = new StackFeeds([]), texts, minChunks, embeddings, emphasis = 'none', clipSkip = 1 } = options
    await this.#texts.readAt(clipSkip)
    const rules = familyCalled(this.checkpoint.family).textEncoders
    const segments = prompts.map((prompt) => parseAttention(prompt, emphasis))
    const parts: Tensor[] = []
    let pooled: Tensor | undefined
    for (const [i, { config }] of this.checkpoint.textEncoders.entries()) {
      const framing = { emphasis, embeddings, encoder: rules[i]?.inAdapters.comfyui ?? '' }
      const frames = framePrompts(this.tokenizer, config, segments, { ...framing, minChunks })
      const adapted = texts?.[i] ?? (await this.text(i, feeds.stack, feeds.alone))
      const encoded = await runAdapted(adapted, textFeeds(config, frames), feeds)
      const context = encoded.context as Tensor
      if (emphasises(frames.weights)) {
        const { positions, width } = config
        const none = framePrompts(this.tokenizer, config, [[]], framing)
        const empty = emphasis === 'comfyui' ? (await runAdapted(adapted, textFeeds(config, none), feeds)).context : undefined
        emphasise(emphasis, { context: context.data, weights: frames.weights, positions, width, ...(empty ? { empty: empty.data } : {}) })
      }
      parts.push({ shape: [prompts.length, frames.chunks * config.positions, config.width], data: context.data })
      if (encoded.pooled) pooled = firstOfEach(encoded.pooled, frames.chunks)
    }
    return { context: joinWidths(parts), ...(pooled ? { pooled } : {}) }
  }

  /** Frees one kind of session; it is made again when needed. */
  async release(...names: readonly ('unet' | 'encoder' | 'decoder' | 'text_encoder' | 'text_encoder_2')[]): Promise<void> {
    for (const name of names) {
      if (name === 'unet') await Promise.all([this.#unet.release(), this.#regional.release()])
      else if (name === 'encoder' || name === 'decoder') {
        await this.#vae.release(name)
      } else await this.#texts.release(name === 'text_encoder' ? 0 : 1)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.release('unet', 'encoder', 'decoder', 'text_encoder', 'text_encoder_2')
  }
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
