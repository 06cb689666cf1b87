// What a benchmark is: a few cases of one question, each measured in a process of its own, so that memory and first step are its own.

export interface Figures {
  /** From nothing to the end of the first step, in milliseconds. */
  readonly first: number
  /** Median of the steps after it. Absent where only one was made. */
  readonly step?: number
  /** Largest resident memory of the process, in bytes. */
  readonly peak: number
}

export interface Bench {
  readonly title: string
  /** Why it cannot run here, or undefined. */
  readonly missing?: () => string | undefined
  /** Makes what the cases share, in a folder that is removed afterwards. */
  readonly prepare?: (folder: string) => Promise<void>
  /** In the order of the table; the ratios are against the first. */
  readonly cases: Readonly<Record<string, (folder: string) => Promise<Figures>>>
  /** What the environment of a case's process says besides. */
  readonly environments?: Readonly<Record<string, NodeJS.ProcessEnv>>
}

/** Makes something that can step, and steps: once, and `more` times for the median. `made` counts to the first step. */
export async function measure(make: () => Promise<() => Promise<unknown>>, more: number): Promise<Figures> {
  const began = performance.now()
  const step = await make()
  await step()
  const first = performance.now() - began
  const times: number[] = []
  for (let i = 0; i < more; i++) {
    const at = performance.now()
    await step()
    times.push(performance.now() - at)
  }
  return { first, ...(more > 0 ? { step: median(times) } : {}), peak: peakMemory() }
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const half = sorted.length >> 1
  return sorted.length % 2 === 1 ? (sorted[half] ?? NaN) : ((sorted[half - 1] ?? NaN) + (sorted[half] ?? NaN)) / 2
}

/** Largest resident memory of this process so far, in bytes. */
export const peakMemory = (): number => process.resourceUsage().maxRSS * 1024
