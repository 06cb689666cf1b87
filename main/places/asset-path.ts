import { fileURLToPath } from 'node:url'

/** A file or folder of `assets/`. In a packed app they lie beside the archive: the runtime and other processes cannot read inside it. */
export function assetPath(name: string): string {
  return fileURLToPath(new URL(`../../assets/${name}`, import.meta.url)).replace(/\bapp\.asar(?=[\\/])/, 'app.asar.unpacked')
}
