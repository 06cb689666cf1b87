// Which of the libraries at hand are taken: those of this system, the newest of each name that the provider asks for.
import type { Readable } from 'node:stream'
import type { Reason } from '../requests/reason.ts'
import { isBelow, type CudaRelease } from './releases.ts'
import { elfSystem } from './elf.ts'
import type { Part } from './parts.ts'
import { problems } from './problems.ts'

/** Bytes that tell the machine of a library. */
const head = 64

/** Those of this system by name, newest first, and the others each with the reason. */
export async function ofSystem(parts: readonly Part[], system: string): Promise<{ mine: readonly Part[]; others: readonly Reason[] }> {
  const mine: Part[] = []
  const others: Reason[] = []
  for (const part of parts) {
    const found = part.name.toLowerCase().endsWith('.dll') ? 'win32' : elfSystem(await firstBytes(await part.open()))
    if (found === system) mine.push(part)
    else others.push(problems.foreign(`${part.name} (${part.from})`, found ?? 'nothing known', system))
  }
  return { mine: mine.toSorted((a, b) => newest(a, b)), others }
}

/** What of a version two libraries must have in common. */
const release = ({ version }: Part): string | undefined => version?.split('.').slice(0, 2).join('.')

const newest = (a: Part, b: Part): number =>
  isBelow(a.version ?? '0', b.version ?? '0') ? 1 : isBelow(b.version ?? '0', a.version ?? '0') ? -1 : 0

/** The libraries of a release, those that lie beside them with them: by the name that the loader asks for, which a file may lengthen. */
export function wantedParts({ libraries }: CudaRelease, mine: readonly Part[]): ReadonlyMap<string, Part> {
  const chosen = new Map<string, Part>()
  for (const { name, beside } of libraries) {
    const part = mine.find((one) => one.name === name) ?? mine.find((one) => one.name.startsWith(`${name}.`))
    if (!part) continue
    chosen.set(name, part)
    // Of one version with the library that loads them.
    for (const one of beside ? mine : [])
      if (beside?.test(one.name) && release(one) === release(part) && !chosen.has(one.name)) chosen.set(one.name, one)
  }
  return chosen
}

async function firstBytes(stream: Readable): Promise<Buffer> {
  let bytes: Buffer = Buffer.alloc(0)
  for await (const piece of stream as AsyncIterable<Buffer>) {
    bytes = Buffer.concat([bytes, piece])
    if (bytes.length >= head) break
  }
  stream.destroy()
  return bytes.subarray(0, head)
}
