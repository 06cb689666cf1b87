import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { installCuda } from './install.ts'
import { cudaEnvironment, installationIn, removeInstallations } from './installation.ts'
import { cudaState } from './look.ts'
import { elf, nupkg, nvidia, provider, wheel } from './testing-libraries.ts'
import { FakeMachine } from './testing-machine.ts'

const disk = vi.hoisted(() => ({ room: undefined as number | undefined }))
vi.mock('node:fs/promises', async (original) => {
  const real = await original<typeof import('node:fs/promises')>()
  const statfs = async (path: string) => (disk.room === undefined ? real.statfs(path) : { bavail: disk.room, bsize: 1 })
  return { ...real, statfs }
})

let machine: FakeMachine
beforeEach(async () => {
  machine = await FakeMachine.make()
  await machine.card()
  await mkdir(machine.at('have'))
})
afterEach(() => machine[Symbol.asyncDispose]())

const shared = elf({ soname: 'libonnxruntime_providers_shared.so' })
const ours = (version: string, cuda = provider(version)): Record<string, Buffer> => ({
  'onnxruntime/capi/libonnxruntime_providers_cuda.so': cuda,
  'onnxruntime/capi/libonnxruntime_providers_shared.so': shared,
})
const inLib = (files: Readonly<Record<string, Buffer>>): Record<string, Buffer> =>
  Object.fromEntries(Object.entries(files).map(([name, bytes]) => [`nvidia/cu13/lib/${name}`, bytes]))

function install(from: readonly string[] = [machine.at('have')], signal = new AbortController().signal) {
  return installCuda({ ...machine.look(), from, signal, progress: () => undefined })
}
const failed = (from?: readonly string[], signal?: AbortSignal): Promise<{ code: string; message: string }> =>
  install(from, signal).then(
    () => ({ code: 'none', message: '' }),
    (error: { code: string; message: string }) => error,
  )
/** Nothing of an attempt is left. */
const leftovers = async (): Promise<string[]> =>
  (await readdir(machine.at('data', 'cuda')).catch(() => [])).filter((name) => name.endsWith('.unfinished'))

async function wheels(): Promise<void> {
  await machine.write(
    'have/onnxruntime_gpu-1.30.0-cp311-cp311-manylinux_2_28_x86_64.whl',
    wheel('onnxruntime-gpu', '1.30.0', ours('1.30.0')),
  )
  await machine.write('have/nvidia_all-13.0.1-py3-none-any.whl', wheel('nvidia-all', '13.0.1', inLib(nvidia)))
}

test("out of the runtime's wheel and NVIDIA's everything is installed, and the machine is ready", async () => {
  await wheels()
  const { folder, files, passedOver } = await install()
  expect(passedOver).toEqual([])
  expect(files.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['libcudnn_graph.so.9', 'libnvrtc-builtins.so.13.0', 'libonnxruntime.so.1']),
  )
  // Each after those that it asks for.
  const order = files.map(({ name }) => name)
  expect(order.indexOf('libcublasLt.so.13')).toBeLessThan(order.indexOf('libcublas.so.13'))
  expect(order.indexOf('libcublas.so.13')).toBeLessThan(order.indexOf('libonnxruntime_providers_cuda.so'))
  const state = await cudaState(machine.look())
  expect(state).toMatchObject({ ready: true, problems: [], installed: { folder, whole: true } })
  expect(state.libraries.find(({ title }) => title === 'cuDNN')).toMatchObject({ where: 'installed', version: '13.0.1' })
  expect(cudaEnvironment(machine.at('data'), machine.look().bound)).toEqual({ PIGMENT_CUDA: folder })
  expect(await leftovers()).toEqual([])
  expect(await removeInstallations(machine.at('data'))).toBeGreaterThan(1000)
  expect(cudaEnvironment(machine.at('data'), machine.look().bound)).toEqual({})
})

test("out of the runtime's NuGet package and a toolkit's folder, whose files carry longer names and links", async () => {
  await machine.write(
    'have/Microsoft.ML.OnnxRuntime.Gpu.Linux.1.30.0.nupkg',
    nupkg('Microsoft.ML.OnnxRuntime.Gpu.Linux', '1.30.0', {
      'runtimes/linux-x64/native/libonnxruntime_providers_cuda.so': provider('1.30.0'),
      'runtimes/linux-x64/native/libonnxruntime_providers_shared.so': shared,
    }),
  )
  const lib = machine.at('have/cuda-13.0/targets/x86_64-linux/lib')
  for (const [name, bytes] of Object.entries(nvidia)) {
    const long = name.replace(/\.so\.(\d+).*/, '.so.$1.0.4')
    await machine.write(`have/cuda-13.0/targets/x86_64-linux/lib/${long}`, bytes)
    await symlink(long, join(lib, name))
  }
  const { files } = await install()
  expect(files.map(({ name }) => name)).toEqual(expect.arrayContaining(Object.keys(nvidia)))
  expect(await cudaState(machine.look())).toMatchObject({ ready: true, provider: { version: '1.30.0' } })
})

test('half an installation is told, gives nobody its libraries, and is made whole by what is brought then', async () => {
  await wheels()
  const { folder } = await install()
  await rm(join(folder, 'libcudnn.so.9'))
  await writeFile(join(folder, 'libcublas.so.13'), 'cut')
  const state = await cudaState(machine.look())
  expect(state.installed?.whole).toBe(false)
  expect(state.problems[0]?.message).toMatch(/not whole \(.*libcublas\.so\.13.*libcudnn\.so\.9|libcudnn\.so\.9.*libcublas\.so\.13/)
  expect(cudaEnvironment(machine.at('data'), machine.look().bound)).toEqual({})
  // Only what is missing is brought.
  await machine.write('part/nvidia.whl', wheel('nvidia-part', '13.0.1', inLib(nvidia)))
  await install([machine.at('part')])
  expect(await cudaState(machine.look())).toMatchObject({ ready: true, installed: { whole: true } })
})

test('the provider of another version, of another processor and none at all are told apart, and nothing changes', async () => {
  await machine.write('have/a.whl', wheel('onnxruntime-gpu', '1.29.1', ours('1.29.1')))
  expect(await failed()).toMatchObject({
    code: 'cuda-provider-version',
    message: expect.stringContaining('of version 1.29.1 and the runtime of 1.30.0') as string,
  })
  await rm(machine.at('have/a.whl'))
  await machine.write('have/b.whl', wheel('onnxruntime-gpu', '1.30.0', ours('1.30.0', provider('1.30.0', { machine: 183 }))))
  expect((await failed()).message).toMatch(/is made for linux-arm64, not for linux-x64/)
  await rm(machine.at('have/b.whl'))
  await machine.write(
    'have/c.whl',
    wheel('onnxruntime-gpu', '1.30.0', { 'onnxruntime/capi/onnxruntime_providers_cuda.dll': Buffer.from('MZ') }),
  )
  expect((await failed()).message).toMatch(/is made for win32/)
  expect((await failed([machine.at('nowhere')])).code).toBe('file-not-found')
  expect(existsSync(machine.at('data/cuda/onnxruntime-1.30.0'))).toBe(false)
  expect(await leftovers()).toEqual([])
})

test('a package whose bytes are not those of its list is refused; the installation from before stays', async () => {
  await wheels()
  const { folder } = await install()
  const before = await readFile(join(folder, 'pigment-cuda.json'), 'utf8')
  const told = wheel('nvidia-cudnn-cu13', '99.0', inLib({ 'libcudnn.so.9': elf({ soname: 'libcudnn.so.9', text: 'as it should be' }) }))
  const packed = wheel(
    'nvidia-cudnn-cu13',
    '99.0',
    inLib({ 'libcudnn.so.9': elf({ soname: 'libcudnn.so.9', text: 'as it shall not' }) }),
    [],
  )
  // The list of one package in the other.
  await machine.write('bad/cudnn.whl', swapped(packed, told))
  expect((await failed([machine.at('bad')])).code).toBe('cuda-hash')
  expect(await readFile(join(folder, 'pigment-cuda.json'), 'utf8')).toBe(before)
  expect([(await cudaState(machine.look())).ready, await leftovers()]).toEqual([true, []])
})

test('damaged and swollen packages are passed over with the reason, links and names that lead away are not followed', async () => {
  await wheels()
  await machine.write('have/cut.whl', wheel('x', '1', { 'a/libcudart.so.13': Buffer.alloc(5000) }).subarray(0, 90))
  await machine.write('have/bomb.whl', wheel('y', '1', { 'a/libcudart.so.13': Buffer.alloc(24 * 2 ** 20) }))
  await machine.write('outside/libcudnn_secret.so.9', elf({ soname: 'libcudnn_secret.so.9' }))
  await symlink(machine.at('outside/libcudnn_secret.so.9'), machine.at('have/libcudnn_secret.so.9'))
  const link = { name: 'nvidia/cudnn/lib/libcudnn_link.so.9', data: Buffer.from('/etc/passwd'), mode: 0o120777 }
  await machine.write('have/link.whl', wheel('nvidia-all', '13.0.1', {}, [link]))
  await machine.write('have/away.whl', wheel('nvidia-all', '13.0.1', {}, [{ name: '../../libcudnn_away.so.9', data: elf() }]))
  const { files, passedOver } = await install()
  expect(passedOver.map(({ code }) => code)).toEqual(['package-refused', 'package-refused', 'package-refused'])
  expect(files.map(({ name }) => name).filter((name) => /secret|link|away/.test(name))).toEqual([])
})

test('a full disk and a person who stops it leave nothing behind', async () => {
  await wheels()
  disk.room = 1000
  expect((await failed()).code).toBe('disk-full')
  disk.room = undefined
  const stopped = new AbortController()
  stopped.abort()
  await expect(install(undefined, stopped.signal)).rejects.toThrow()
  expect([await leftovers(), installationIn(machine.at('data'), '1.30.0')]).toEqual([[], undefined])
})

test('an installation for an earlier runtime gives what still fits, and goes', async () => {
  await wheels()
  const old = machine.at('data/cuda/onnxruntime-1.29.0')
  await machine.libraries('data/cuda/onnxruntime-1.29.0', { ...nvidia, 'libonnxruntime_providers_cuda.so': provider('1.29.0') })
  await rm(machine.at('have/nvidia_all-13.0.1-py3-none-any.whl'))
  await install()
  expect(await cudaState(machine.look())).toMatchObject({ ready: true })
  expect(existsSync(old)).toBe(false)
})

/** The library of one wheel with the list of another: both of the same lengths. */
function swapped(library: Buffer, list: Buffer): Buffer {
  const at = (bytes: Buffer): number => bytes.lastIndexOf('PK\x03\x04')
  return Buffer.concat([library.subarray(0, at(library)), list.subarray(at(list))])
}
