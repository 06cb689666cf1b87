// Loaded first by the studio's process: its disk is full for as long as the file named by PIGMENT_FULL_DISK is there.
import { existsSync } from 'node:fs'
import { open, type FileHandle } from 'node:fs/promises'

type Write = (this: FileHandle, ...words: unknown[]) => Promise<unknown>

const handle = await open(process.execPath)
const prototype = Object.getPrototypeOf(handle) as Record<'write' | 'writeFile', Write>
await handle.close()

for (const name of ['write', 'writeFile'] as const) {
  const real = prototype[name]
  prototype[name] = async function (...words) {
    if (!existsSync(process.env.PIGMENT_FULL_DISK ?? '')) return real.apply(this, words)
    throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC', errno: -28, syscall: 'write' })
  }
}
