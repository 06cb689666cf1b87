// Which system a native library is made for, by its first bytes: npm brings those of the machine that packs, whatever it packs for.
import { open, readdir } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { Arch, type AfterPackContext } from 'electron-builder'

const elf: Readonly<Record<number, string>> = { 0x3e: 'linux-x64', 0xb7: 'linux-arm64' }
const pe: Readonly<Record<number, string>> = { 0x8664: 'win32-x64', 0xaa64: 'win32-arm64' }
const mach: Readonly<Record<number, string>> = { 0x01000007: 'darwin-x64', 0x0100000c: 'darwin-arm64' }

/** E.g. `linux-x64`; several for a universal library of Apple's, none for what is no library. */
export function madeFor(head: Buffer): string[] {
  const named = (table: Readonly<Record<number, string>>, machine: number): string => table[machine] ?? `machine 0x${machine.toString(16)}`
  if (head.length < 64) return []
  if (head.readUInt32BE(0) === 0x7f454c46) return [named(elf, head.readUInt16LE(18))]
  if (head.readUInt32LE(0) === 0xfeedfacf) return [named(mach, head.readUInt32LE(4))]
  if (head.readUInt32BE(0) === 0xcafebabe)
    return Array.from({ length: Math.min(head.readUInt32BE(4), 2) }, (_, i) => named(mach, head.readUInt32BE(8 + 20 * i)))
  const at = head.readUInt32LE(0x3c)
  if (head.toString('latin1', 0, 2) !== 'MZ' || at + 6 > head.length) return []
  return [named(pe, head.readUInt16LE(at + 4))]
}

/** Native libraries in a folder that `system` cannot load, each with what it is made for. */
export async function foreignLibraries(folder: string, system: string): Promise<string[]> {
  const foreign: string[] = []
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !/\.(node|dll|dylib|so(\.[\d.]+)?)$/.test(entry.name)) continue
    const path = join(entry.parentPath, entry.name)
    await using handle = await open(path)
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(4096), 0, 4096, 0)
    const systems = madeFor(buffer.subarray(0, bytesRead))
    if (!systems.includes(system)) foreign.push(`${relative(folder, path)} (${systems.join(', ') || 'no library'})`)
  }
  return foreign
}

/** Called by electron-builder. */
export async function afterPack({ appOutDir, electronPlatformName, arch }: AfterPackContext): Promise<void> {
  const system = `${electronPlatformName}-${Arch[arch]}`
  const foreign = await foreignLibraries(appOutDir, system)
  if (foreign.length > 0)
    throw new Error(
      `These cannot be loaded on ${system}: ${foreign.join('; ')}. Build each system on itself, or install its packages first.`,
    )
}
