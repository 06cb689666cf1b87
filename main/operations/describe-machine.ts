import { statfs } from 'node:fs/promises'
import { availableParallelism, cpus, freemem, platform, release, totalmem } from 'node:os'
import { errorRecord } from '../../engine/requests/error.ts'
import { hasEmbedded } from '../places/embedded.ts'

/** This machine but for its devices. */
export async function describeMachine(folder: string) {
  const disk = await statfs(folder)
  return {
    runtime: await describeRuntime(),
    node: process.version,
    system: `${platform()} ${release()} ${process.arch}`,
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryBytes: totalmem(),
    freeMemoryBytes: freemem(),
    constrainedMemoryBytes: constrained(),
    diskFreeBytes: disk.bavail * disk.bsize,
    embeddedModel: hasEmbedded() ? 'present' : 'absent',
  }
}

/** It may fail on a broken machine; that is what a doctor is for. */
async function describeRuntime(): Promise<string> {
  try {
    const { default: ort } = await import('../../engine/runtime/onnxruntime.ts')
    // Absent libraries are expected here, and are told in the report.
    ort.env.logLevel = 'fatal'
    return `onnxruntime ${ort.env.versions.node ?? ort.env.versions.common}`
  } catch (error) {
    return `broken: ${errorRecord(error).message}`
  }
}

/** The memory limit of the container, where there is one below the machine's own. */
function constrained(): number | null {
  const limit = process.constrainedMemory()
  return limit > 0 && limit < totalmem() ? limit : null
}
