import { spawnSync } from 'node:child_process'
import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { boundRuntime } from '../cuda/bound.ts'
import { elf, provider } from '../cuda/testing-libraries.ts'

test("the runtime is loaded out of the installation's folder, where it looks for its providers; why one is not loaded is told in the loader's words", async (context) => {
  if (process.platform !== 'linux') return context.skip('CUDA is loaded so on Linux alone')
  const folder = await mkdtemp(join(tmpdir(), 'pigment-cuda-'))
  try {
    await copyFile(join(boundRuntime().folder, 'libonnxruntime.so.1'), join(folder, 'libonnxruntime.so.1'))
    await writeFile(join(folder, 'libonnxruntime_providers_cuda.so'), provider('1.30.0'))
    await writeFile(join(folder, 'libcudart.so.13'), elf({ soname: 'libcudart.so.13' }).subarray(0, 100))
    await writeFile(join(folder, 'pigment-cuda.json'), JSON.stringify({ files: [{ name: 'libcudart.so.13' }] }))
    const script = `
      import { readFileSync } from 'node:fs'
      await import(${JSON.stringify(join(import.meta.dirname, 'onnxruntime.ts'))})
      const { whyNoCuda } = await import(${JSON.stringify(join(import.meta.dirname, 'cuda-libraries.ts'))})
      const mapped = readFileSync('/proc/self/maps', 'utf8').split('\\n').map((line) => line.split(/\\s+/).at(-1))
      console.log(JSON.stringify({ mapped: [...new Set(mapped.filter((path) => path.endsWith('libonnxruntime.so.1')))], why: whyNoCuda() }))`
    const { stdout, stderr } = spawnSync(process.execPath, ['--disable-warning=ExperimentalWarning', '--input-type=module', '-e', script], {
      encoding: 'utf8',
      env: { ...process.env, PIGMENT_CUDA: folder },
    })
    const { mapped, why } = JSON.parse(stdout || JSON.stringify(stderr)) as { mapped: string[]; why: string }
    expect(mapped).toEqual([join(folder, 'libonnxruntime.so.1')])
    expect(why).toMatch(/libcudart\.so\.13/)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})
