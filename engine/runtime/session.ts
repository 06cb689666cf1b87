// An onnxruntime session over one of our graphs: feeds in, tensors out.
import { Graph, type HeldBytes, type Value } from '../graph/graph.ts'
import type { TensorSource } from '../checkpoint/config.ts'
import { writeOnnx } from '../onnx/write.ts'
import { inPrecision } from '../passes/half-precision.ts'
import type { ComputePrecision } from '../requests/compute-precision.ts'
import { PigmentError } from '../requests/error.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { loadCuda } from './cuda-libraries.ts'
import ort, { type InferenceSession, type Tensor as OrtTensor } from './onnxruntime.ts'
import { optimizedSession } from './optimized-session.ts'
import { readWeightBytes } from '../weights/read-weight.ts'
import { saysOutOfMemory } from './out-of-memory.ts'
import { weightFiles, type WeightFiles } from './weight-files.ts'

export interface IntTensor {
  readonly shape: readonly number[]
  readonly data: BigInt64Array
}
export type Feed = Tensor | IntTensor
export type Provider = 'cpu' | 'cuda' | 'dml' | 'webgpu' | 'coreml'

export interface SessionOptions {
  readonly provider?: Provider
  readonly threads?: number
  /** `none` keeps the graph as written: for tests of the graph itself. */
  readonly optimize?: 'all' | 'none'
  /** fp32 unless told. Inputs and outputs are fp32 in any case. */
  readonly precision?: ComputePrecision
  /** Keeps freed memory for the next run (faster), or gives it back (lower peak). */
  readonly arena?: boolean
  /** Where the runtime's own profile of every run goes, written as the session is disposed: `<profile>_<date>.json`. */
  readonly profile?: string
}

/** What a session is opened from: plain data, which may go to another thread. */
export interface SessionSource {
  readonly name: string
  /** ONNX. */
  readonly model: Uint8Array
  /** Where the files lie that it takes its weights from. */
  readonly folder?: string
  /** Those files, and how much of them it takes. */
  readonly weights?: { readonly files: readonly string[]; readonly bytes: number }
  /** Constants that stay in the memory of who made them, and go into every run from there. */
  readonly fed?: Readonly<Record<string, HeldBytes>>
}

interface SourceOptions extends Pick<SessionOptions, 'precision'> {
  readonly place?: Placement
  readonly provider?: Provider | undefined
}

/** Throws `weights-scattered` where too much of the weights lies on other drives than the rest. */
export function sourceOf(given: Graph, { place = weightFiles, provider = 'cpu', precision }: SourceOptions = {}): SessionSource {
  const graph = inPrecision(given, precision)
  const sources = weightsOf(graph)
  const { folder, locate } = place(sources)
  const apart = sources.filter(({ file }) => locate(file) === undefined)
  const bytes = apart.reduce((sum, { length }) => sum + length, 0)
  if (bytes > mostInline) {
    const files = [...new Set(apart.map(({ file }) => file))]
    throw new PigmentError(
      'weights-scattered',
      `The weights of "${graph.name}" lie on several drives, and "${files.join('", "')}" is too large to be read from another one. Put the files of the model on one drive.`,
      { files, bytes },
    )
  }
  const held = provider === 'cpu' ? heldOf(graph) : new Map<Value, HeldBytes>()
  const model = writeOnnx(graph, (source) => locate(source.file) ?? readWeightBytes(source), { fed: new Set(held.keys()) })
  // A copy of what is known of each: whoever holds the bytes may let go of them.
  const fed = Object.fromEntries([...held].map(([{ name }, part]) => [name, { ...part }]))
  const inPlace = sources.filter(({ file }) => locate(file) !== undefined)
  const weights = {
    files: [...new Set(inPlace.map(({ file }) => file))].toSorted(),
    bytes: inPlace.reduce((sum, { length }) => sum + length, 0),
  }
  return { name: graph.name, model, ...(folder === undefined ? {} : { folder, weights }), ...(held.size > 0 ? { fed } : {}) }
}

/** What the CPU computes with where it lies; other devices would copy it with every run, and have it as constants. */
const heldOf = ({ constants }: Graph): Map<Value, HeldBytes> =>
  new Map(constants.flatMap((value) => (value.constant && 'held' in value.constant ? [[value, value.constant.held] as const] : [])))

type Placement = (sources: readonly TensorSource[]) => WeightFiles

/** A graph of more than 2 GiB cannot be written. */
const mostInline = 1.5 * 2 ** 30

/** The weights of a graph and of the bodies in it. */
function weightsOf({ constants, nodes }: Graph): TensorSource[] {
  const bodies = nodes.flatMap(({ attributes }) => Object.values(attributes).filter((value) => value instanceof Graph))
  return [...constants.flatMap(({ constant }) => (constant && 'source' in constant ? [constant.source] : [])), ...bodies.flatMap(weightsOf)]
}

let created = 0
/** Sessions created in this process so far; tests prove with it that switching adapters creates none. */
export const sessionsCreated = (): number => created
const open = new Set<AsyncDisposable>()
/** Sessions not yet disposed, those in threads of their own among them. */
export const sessionsOpen = (): number => open.size
/** Counts a session that lies in another thread. */
export const countOpen = (session: AsyncDisposable): void => void open.add(session)
export const countClosed = (session: AsyncDisposable): void => void open.delete(session)

export class Session implements AsyncDisposable {
  readonly #session: InferenceSession
  readonly #fed: Readonly<Record<string, OrtTensor>>
  readonly name: string
  readonly #provider: Provider
  private constructor(session: InferenceSession, { name, fed = {} }: SessionSource, provider: Provider) {
    this.#session = session
    this.name = name
    this.#provider = provider
    this.#fed = Object.fromEntries(Object.entries(fed).map(([key, part]) => [key, heldTensor(part)]))
  }

  /** Throws `weights-scattered`, `out-of-memory`, `runtime`. */
  static async create(graph: Graph, options: SessionOptions = {}): Promise<Session> {
    return await Session.open(sourceOf(graph, options), options)
  }

  /** Throws `out-of-memory`, `runtime`. */
  static async open(source: SessionSource, options: SessionOptions = {}): Promise<Session> {
    const { name, model, folder } = source
    const provider = options.provider ?? 'cpu'
    if (provider === 'cuda') loadCuda()
    try {
      const settings: InferenceSession.SessionOptions = {
        executionProviders: provider === 'cpu' ? ['cpu'] : [provider, 'cpu'],
        graphOptimizationLevel: options.optimize === 'none' ? 'disabled' : 'all',
        intraOpNumThreads: options.threads ?? 0,
        interOpNumThreads: 1,
        enableCpuMemArena: options.arena ?? true,
        // The plan of a run's memory would be one block beside all that the first run took: twice the memory, for a hundredth of the time.
        enableMemPattern: false,
        logSeverityLevel: 3,
        ...(options.profile ? { enableProfiling: true, profileFilePrefix: options.profile } : {}),
        extra: {
          session: {
            ...(folder ? { model_external_initializers_file_folder_path: folder } : {}),
            // The arena rounds up to powers of two, and the Node binding has no option for that: weights at least lie outside of it.
            ...(provider === 'cuda' ? { use_device_allocator_for_initializers: '1' } : {}),
          },
        },
      }
      const keeps = provider === 'cpu' && options.optimize !== 'none'
      const session = await (keeps ? optimizedSession(source, settings) : ort.InferenceSession.create(model, settings))
      created++
      const made = new Session(session, source, provider)
      open.add(made)
      return made
    } catch (error) {
      throw runtimeError(name, provider, error)
    }
  }

  get inputNames(): readonly string[] {
    return this.#session.inputNames.filter((name) => !Object.hasOwn(this.#fed, name))
  }

  /** One run. `into` gives buffers that outputs are written to in place of new memory. Throws `device-lost`, `out-of-memory`, `runtime`, `empty-input`. */
  async run(feeds: Readonly<Record<string, Feed>>, into: Readonly<Record<string, Tensor>> = {}): Promise<Record<string, Tensor>> {
    if (this.#provider !== 'cpu') refuseEmpty(feeds, this.#provider)
    const tensors: Record<string, OrtTensor> = { ...this.#fed }
    for (const [name, feed] of Object.entries(feeds)) tensors[name] = toOrt(feed)
    const fetches: Record<string, OrtTensor | null> = {}
    for (const name of this.#session.outputNames) fetches[name] = into[name] ? toOrt(into[name]) : null
    try {
      const results = await this.#session.run(tensors, fetches)
      return Object.fromEntries(
        Object.entries(results).map(([name, value]) => [name, { shape: value.dims, data: value.data as Float32Array }]),
      )
    } catch (error) {
      throw runtimeError(this.name, this.#provider, error)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    open.delete(this)
    await this.#session.release()
  }
}

/** What has no elements takes the process of some devices down (docs/operators.md). */
function refuseEmpty(feeds: Readonly<Record<string, Feed>>, provider: Provider): void {
  const empty = Object.entries(feeds).find(([, { data }]) => data.length === 0)
  if (!empty) return
  const sentence = `The input "${empty[0]}" has no elements (${empty[1].shape.join(' × ')}), which ${provider} cannot compute with. Give it one rank of zeros.`
  throw new PigmentError('empty-input', sentence, { input: empty[0], shape: empty[1].shape, provider })
}

function toOrt(feed: Feed): OrtTensor {
  return feed.data instanceof BigInt64Array
    ? new ort.Tensor('int64', feed.data, feed.shape)
    : new ort.Tensor('float32', feed.data, feed.shape)
}

function heldTensor({ dtype, shape, bytes }: HeldBytes): OrtTensor {
  const [buffer, at] = [bytes.buffer as ArrayBuffer, bytes.byteOffset]
  switch (dtype) {
    case 'uint8':
      return new ort.Tensor('uint8', bytes, shape)
    case 'float32':
      return new ort.Tensor('float32', new Float32Array(buffer, at, bytes.byteLength / 4), shape)
    case 'float16': {
      const bits = new Uint16Array(buffer, at, bytes.byteLength / 2)
      // The runtime's JavaScript makes a Float16Array of it, which its native part does not know.
      return Object.defineProperty(new ort.Tensor('float16', bits, shape), 'data', { value: bits })
    }
    default:
      throw new PigmentError('graph-constant', `Bytes of ${dtype} cannot be handed to a run.`, { dtype })
  }
}

/** A driver that was reset, a card that was unplugged or hung: as D3D12, Vulkan, Dawn and CUDA say it. */
const lost =
  /device (is |was |has been |instance )?(lost|removed|reset|hung)|DEVICE_(LOST|REMOVED|RESET|HUNG)|887A000[567]|CUDA (failure|error)/i

/** What the runtime threw, as a record. */
export function runtimeError(graph: string, provider: string, error: unknown): PigmentError {
  const text = error instanceof Error ? error.message : String(error)
  if (saysOutOfMemory(text)) {
    const sentence = `Not enough memory to run "${graph}" on ${provider}. Use a smaller size or batch, or close other programs.`
    return new PigmentError('out-of-memory', sentence, { graph, text })
  }
  if (lost.test(text)) {
    const sentence = `The device stopped while it ran "${graph}" on ${provider}: ${text}. Try again; where it happens again, update its driver or choose the CPU.`
    return new PigmentError('device-lost', sentence, { graph, provider, text })
  }
  return new PigmentError('runtime', `The runtime refused "${graph}" on ${provider}: ${text}`, { graph, provider })
}
