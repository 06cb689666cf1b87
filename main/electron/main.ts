// The entry of the window's main process, bundled into one file.
import '../../engine/files/threads.ts'
import * as electron from 'electron'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { startWindowApp } from './start.ts'

// A worker process loads native libraries, which lie beside the archive of a packed app and not in it.
const bundles = fileURLToPath(new URL('.', import.meta.url))
const worker = join(bundles, 'worker.mjs').replace(/\bapp\.asar(?=[\\/])/, 'app.asar.unpacked')
const pages = fileURLToPath(new URL('../../renderer/dist', import.meta.url))
// Not awaited: Electron becomes ready only after this module has run to its end.
void startWindowApp(electron, { worker, preload: join(bundles, 'preload.cjs'), pages })
