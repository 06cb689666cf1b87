import { readFileSync } from 'node:fs'

/** What one side took: times in milliseconds, memory in bytes. */
export interface SideFigures {
  /** From the start of the process to the end of the first step. */
  readonly first?: number
  /** Median of the steps after it. */
  readonly step?: number
  /** Of the process, in the machine's memory. */
  readonly peak?: number
  /** Most that the card had taken while it ran, caches and arenas with it. */
  readonly card?: number
  /** What PyTorch's own allocator held at most. */
  readonly reserved?: number | null
  readonly failed?: string
}

/** |a − b| / |b| of two files of fp32. */
export function distance(ours: string, theirs: string): number {
  const [a, b] = [ours, theirs].map((path) => new Float32Array(new Uint8Array(readFileSync(path)).buffer)) as [Float32Array, Float32Array]
  if (a.length !== b.length) return NaN
  let [difference, norm] = [0, 0]
  for (let i = 0; i < a.length; i++) {
    difference += ((a[i] ?? 0) - (b[i] ?? 0)) ** 2
    norm += (b[i] ?? 0) ** 2
  }
  return Math.sqrt(difference / norm)
}
