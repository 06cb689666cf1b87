// Sessions of the CPU from graphs that were optimised before (optimized-models.ts). Where nothing is kept, or keeping fails, they open as ever.
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { arch, cpus, platform } from 'node:os'
import { errorRecord } from '../requests/error.ts'
import ort, { type InferenceSession } from './onnxruntime.ts'
import { OptimizedModels, partsOf, weightsName, type EntryToWrite, type OptimizedModelsPlace } from './optimized-models.ts'

type Settings = InferenceSession.SessionOptions

/** Of a session's source, what is asked here. */
interface Source {
  readonly name: string
  readonly model: Uint8Array
  readonly weights?: { readonly files: readonly string[]; readonly bytes: number }
}

let place: OptimizedModelsPlace | undefined
let tell: ((reason: string) => void) | undefined
/** Entries that are being finished. */
const finishing = new Set<Promise<void>>()

/** Where this process keeps optimised graphs from now on; undefined: nowhere. `told` hears once why it cannot. */
export function keepOptimizedModels(where: OptimizedModelsPlace | undefined, told?: (reason: string) => void): void {
  place = where
  tell = told
}
export const optimizedModelsPlace = (): OptimizedModelsPlace | undefined => place

/** Once the entries that this process began are whole on the disk. */
export const optimizedModelsKept = async (): Promise<void> => void (await Promise.all(finishing))

/** Below this many bytes of weights an optimised graph saves less than its place costs. */
const leastBytes = 64 * 2 ** 20
/** Constants written into a graph are a person's stack more often than not, and change with it. */
const mostInline = 32 * 2 ** 20

/** A session over the graph of `source`, with the bits of one that was optimised just now. */
export async function optimizedSession(source: Source, settings: Settings): Promise<InferenceSession> {
  const plain = (more: Settings = {}): Promise<InferenceSession> => ort.InferenceSession.create(source.model, { ...settings, ...more })
  const { weights, model } = source
  const here = place
  if (!here || !weights || weights.bytes < (here.least ?? leastBytes) || model.byteLength > mostInline) return plain()
  const models = new OptimizedModels(here)
  let writing: EntryToWrite | undefined
  try {
    const key = await keyOf(source)
    const found = await models.find(key)
    if (found)
      try {
        return await mapped(found, settings)
      } catch (error) {
        await models.remove(key)
        throw error
      }
    // fp16 is widened, and training has some weights in two layouts.
    writing = await models.begin(key, source.name, 3 * weights.bytes)
  } catch (error) {
    complain(error)
  }
  if (!writing) return plain()
  try {
    const { extra } = settings as { extra?: { session?: object } }
    const session = await plain({
      optimizedModelFilePath: writing.path,
      extra: {
        session: {
          ...extra?.session,
          optimized_model_external_initializers_file_name: weightsName,
          optimized_model_external_initializers_min_size_in_bytes: '1024',
        },
      },
    })
    const done = writing.finish().catch(complain)
    finishing.add(done)
    void done.finally(() => finishing.delete(done))
    return session
  } catch (error) {
    await writing.abandon()
    complain(error)
    return plain()
  }
}

/** Its weights lie beside it, and stay in the file's pages. */
function mapped(path: string, { extra: _folder, ...settings }: Settings): Promise<InferenceSession> {
  return ort.InferenceSession.create(path, { ...settings, graphOptimizationLevel: 'disabled' })
}

function complain(error: unknown): void {
  const told = tell
  tell = undefined
  told?.(errorRecord(error).message)
}

/** What decides the optimised graph: the graph itself, the bytes of its weights, and what the runtime and this processor make of them. */
async function keyOf({ model, weights }: Source): Promise<string> {
  const hash = createHash('sha256').update(`1 ${ort.env.versions.node} cpu ${processor()}\n`).update(model)
  for (const file of weights?.files ?? []) {
    const { mtimeNs } = await stat(file, { bigint: true })
    const { size, hash: parts } = await partsOf(file)
    hash.update(`\n${size} ${mtimeNs} ${parts}`)
  }
  return hash.digest('hex')
}

/** Widths of blocks follow the instructions that the processor has. */
function processor(): string {
  const named = `${platform()} ${arch()} ${cpus()[0]?.model ?? ''}`
  try {
    return `${named} ${/^(flags|Features)\s*:.*$/m.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[0] ?? ''}`
  } catch {
    return named
  }
}
