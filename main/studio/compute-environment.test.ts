import { mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { boundRuntime } from '../../engine/cuda/bound.ts'
import { computeEnvironment } from './compute-environment.ts'

test('a process that computes is told of a whole installation made with this very runtime, and whether products may be rounded', async () => {
  const data = await mkdtemp(join(tmpdir(), 'pigment-'))
  try {
    expect(computeEnvironment(data, { tf32: true })).toEqual({})
    expect(computeEnvironment(data, { tf32: false })).toEqual({ NVIDIA_TF32_OVERRIDE: '0' })
    const { version, folder: own } = boundRuntime()
    const folder = join(data, 'cuda', `onnxruntime-${version}`)
    await mkdir(folder, { recursive: true })
    const name = 'libonnxruntime.so.1'
    // Of its size, which is all that is asked at a start.
    const bytes = await stat(join(own, name)).then(({ size }) => size)
    const manifest = (told: number): Promise<void> =>
      writeFile(
        join(folder, 'pigment-cuda.json'),
        JSON.stringify({ version: 1, runtime: version, cuda: 13, files: [{ name, bytes: told, sha256: '', from: '', version: null }] }),
      )
    await writeFile(join(folder, name), Buffer.alloc(bytes))
    await manifest(bytes)
    expect(computeEnvironment(data, { tf32: true })).toEqual({ PIGMENT_CUDA: folder })
    // The program was updated: another runtime of the same name of version.
    await writeFile(join(folder, name), Buffer.alloc(bytes - 1))
    await manifest(bytes - 1)
    expect(computeEnvironment(data, { tf32: true })).toEqual({})
  } finally {
    await rm(data, { recursive: true, force: true })
  }
})
