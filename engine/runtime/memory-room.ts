// How much memory this process may still take: what the machine has free, within the limits of the control groups that it runs in.
import { readFileSync } from 'node:fs'
import { freemem, platform, totalmem } from 'node:os'
import { dirname, join } from 'node:path'

export interface MemoryRoom {
  /** Bytes. */
  readonly free: number
  readonly total: number
  /** What `free` leaves out: whether memory that the system would hand over at once is told as taken. */
  readonly sure: boolean
}

interface Places {
  /** Which group this process is in, and where groups lie. */
  readonly group: string
  readonly groups: string
}
const places: Places = { group: '/proc/self/cgroup', groups: '/sys/fs/cgroup' }

/** macOS counts what it keeps of files as taken: there only the machine's whole memory is sure. */
export function memoryRoom(at: Places = places, machine = { free: freemem(), total: totalmem(), system: platform() }): MemoryRoom {
  const limits = groupLimits(at)
  return {
    free: Math.min(machine.free, ...limits.map(({ free }) => free)),
    total: Math.min(machine.total, ...limits.map(({ total }) => total)),
    sure: machine.system !== 'darwin',
  }
}

/** Of the group and those around it, version 2. What a group holds of files is handed over when it is needed. */
function groupLimits({ group, groups }: Places): { free: number; total: number }[] {
  const own = /^0::(\/.*)$/m.exec(textOf(group) ?? '')?.[1]
  if (own === undefined) return []
  const found: { free: number; total: number }[] = []
  for (let path = own; ; path = dirname(path)) {
    const total = Number.parseInt(textOf(join(groups, path, 'memory.max')) ?? '', 10)
    const taken = Number.parseInt(textOf(join(groups, path, 'memory.current')) ?? '', 10)
    const stat = textOf(join(groups, path, 'memory.stat')) ?? ''
    const files = ['inactive_file', 'active_file'].reduce(
      (sum, name) => sum + Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(stat)?.[1] ?? 0),
      0,
    )
    if (Number.isFinite(total) && Number.isFinite(taken)) found.push({ free: Math.max(0, total - taken + files), total })
    if (path === dirname(path)) return found
  }
}

function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}
