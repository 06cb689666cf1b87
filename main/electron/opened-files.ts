// "Open with Pigment": adapters go into the library, as if they were dropped there.
import type { StudioHost } from '../studio/host.ts'

export function openedFiles(host: Pick<StudioHost, 'invoke'>, paths: readonly string[]): void {
  for (const path of paths)
    if (/\.safetensors$/i.test(path) && !path.startsWith('-')) void host.invoke('library.import', { from: { path } })
}
