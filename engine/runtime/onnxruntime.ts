// The one door to onnxruntime, which sends telemetry by default on Linux and macOS (from 1.29 on) and reads its switch once, as it starts.
import { createRequire } from 'node:module'
import { isMainThread } from 'node:worker_threads'
import { PigmentError } from '../requests/error.ts'
import { loadRuntimeCopy } from './cuda-libraries.ts'

const off = 'ORT_DISABLE_TELEMETRY'
// A thread has a copy of the environment: what it sets there the native library never sees. One that the main thread set is in the copy, too.
if (isMainThread) process.env[off] = '1'
else if (process.env[off] !== '1')
  throw new PigmentError(
    'telemetry-on',
    `In a thread the telemetry of onnxruntime cannot be switched off. Import the engine in the main thread before the thread is started, or start the process with ${off}=1.`,
    { variable: off },
  )

loadRuntimeCopy()

export type * from 'onnxruntime-node'
// Not an import: those are run before the lines above, by bundlers too.
export default createRequire(import.meta.url)('onnxruntime-node') as typeof import('onnxruntime-node')
