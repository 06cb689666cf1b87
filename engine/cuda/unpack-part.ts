// Writes one library, and holds it against the hash that its package gives.
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { inflate } from '../files/zip-entries.ts'
import { PigmentError } from '../requests/error.ts'
import type { InstalledFile } from './installation.ts'
import type { Part } from './parts.ts'

/** Throws `cuda-hash`, `package-refused`, and what writing throws. */
export async function unpackPart(
  part: Part,
  folder: string,
  name: string,
  signal: AbortSignal,
  progress: (bytes: number) => void = () => undefined,
): Promise<InstalledFile> {
  const hash = createHash('sha256')
  const refuse = (): PigmentError =>
    new PigmentError('package-refused', `"${part.name}" of ${part.from} is larger than its package says. Download it again.`, {
      name: part.name,
    })
  const bytes = await inflate(await part.open(), join(folder, name), part.bytes, signal, refuse, (piece) => {
    hash.update(piece)
    progress(piece.byteLength)
  })
  const sha256 = hash.digest('hex')
  if (part.sha256 !== undefined && part.sha256 !== sha256)
    throw new PigmentError(
      'cuda-hash',
      `"${part.name}" of ${part.from} is not what its package says: its SHA-256 differs. Download the package again.`,
      {
        name: part.name,
        from: part.from,
        expected: part.sha256,
        got: sha256,
      },
    )
  return { name, bytes, sha256, from: part.from, version: part.version }
}
