// The entry of the window's main process, bundled into one file.
import * as electron from 'electron'
import { fileURLToPath } from 'node:url'
import { startWindowApp } from './start.ts'

const bundles = fileURLToPath(new URL('.', import.meta.url))
const pages = fileURLToPath(new URL('../../renderer/dist', import.meta.url))
// Not awaited: Electron becomes ready only after this module has run to its end.
void startWindowApp(electron, { bundles, pages })
