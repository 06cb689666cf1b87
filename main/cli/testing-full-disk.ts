// Preloaded into a process with `node --import`: its disk is full after PIGMENT_DISK_BYTES bytes. As on a real one, what still fits is written.
import { open, type FileHandle } from 'node:fs/promises'

type Write = (this: FileHandle, data: Uint8Array | string, ...rest: unknown[]) => Promise<unknown>

let left = Number(process.env.PIGMENT_DISK_BYTES)
const handle = await open(process.execPath)
const prototype = Object.getPrototypeOf(handle) as Record<'write' | 'writeFile', Write>
await handle.close()

for (const name of ['write', 'writeFile'] as const) {
  const real = prototype[name]
  prototype[name] = async function (data, ...rest) {
    const bytes = typeof data === 'string' ? Buffer.from(data) : data
    const [at, length] = name === 'write' ? (rest as [number?, number?]) : []
    const wanted = bytes.subarray(at ?? 0, length === undefined ? undefined : (at ?? 0) + length)
    const fits = Math.min(left, wanted.byteLength)
    left -= fits
    if (fits === wanted.byteLength) return real.call(this, data, ...rest)
    await real.call(this, wanted.subarray(0, fits))
    throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC', errno: -28, syscall: 'write' })
  }
}
