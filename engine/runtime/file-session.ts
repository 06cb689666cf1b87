// A session over an ONNX file that somebody else wrote, on the CPU. Weights beside it are found from its own folder.
import { basename } from 'node:path'
import { fileError } from '../files/file-error.ts'
import { regularFile } from '../files/regular-file.ts'
import { PigmentError } from '../requests/error.ts'
import ort, { type InferenceSession, type Tensor as OrtTensor } from './onnxruntime.ts'
import { saysOutOfMemory } from './out-of-memory.ts'
import { countClosed, countOpen, runtimeError } from './session.ts'

/** What a run takes or gives, as the file says; a size that is left open is its name. */
export interface FilePort {
  readonly name: string
  readonly type: string
  readonly shape: readonly (number | string)[]
}
export interface FileFeed {
  readonly type: 'float32' | 'int64' | 'int32' | 'bool'
  readonly shape: readonly number[]
  readonly data: Float32Array | BigInt64Array | Int32Array | Uint8Array
}
export interface FileResult {
  readonly shape: readonly number[]
  readonly data: Float32Array
}

export class FileSession implements AsyncDisposable {
  readonly #session: InferenceSession
  readonly #name: string
  private constructor(session: InferenceSession, name: string) {
    this.#session = session
    this.#name = name
    countOpen(this)
  }

  /** Throws `onnx-unreadable`, `out-of-memory` and why the file cannot be read. */
  static async open(path: string, { threads = 0 }: { readonly threads?: number } = {}): Promise<FileSession> {
    const name = basename(path)
    await regularFile(path).catch((error: unknown) => {
      throw error instanceof PigmentError ? error : fileError(error, path, 'read')
    })
    try {
      const settings = { executionProviders: ['cpu'], intraOpNumThreads: threads, interOpNumThreads: 1, logSeverityLevel: 4 as const }
      return new FileSession(await ort.InferenceSession.create(path, settings), name)
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      if (saysOutOfMemory(reason)) throw runtimeError(name, 'cpu', error)
      const sentence = `"${name}" cannot be opened as an ONNX model: ${reason.slice(0, 300).replace(/\.+$/, '')}. Copy it again from where it was published, whole.`
      throw new PigmentError('onnx-unreadable', sentence, { name, path, reason }, error)
    }
  }

  get inputs(): readonly FilePort[] {
    return this.#session.inputMetadata.map(portOf)
  }
  get outputs(): readonly FilePort[] {
    return this.#session.outputMetadata.map(portOf)
  }

  /** One output of a run. Throws `runtime`, `out-of-memory`. */
  async run(feeds: Readonly<Record<string, FileFeed>>, output: string): Promise<FileResult> {
    const tensors: Record<string, OrtTensor> = {}
    for (const [name, { type, data, shape }] of Object.entries(feeds)) tensors[name] = new ort.Tensor(type, data as never, [...shape])
    try {
      const { [output]: value } = await this.#session.run(tensors, [output])
      if (!value || !(value.data instanceof Float32Array))
        throw new Error(`"${output}" is ${value?.type ?? 'missing'}, where float32 is read.`)
      return { shape: value.dims, data: value.data }
    } catch (error) {
      throw runtimeError(this.#name, 'cpu', error)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    countClosed(this)
    await this.#session.release()
  }
}

const portOf = (port: InferenceSession.ValueMetadata): FilePort => ({
  name: port.name,
  type: port.isTensor ? port.type : 'none',
  shape: port.isTensor ? port.shape : [],
})
