import { rm, symlink } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { windowsDriver } from './cards.ts'
import { cudaState, type Look } from './look.ts'
import { elf, nvidia, pe, provider } from './testing-libraries.ts'
import { FakeMachine } from './testing-machine.ts'

const codes = async (look: Look): Promise<string[]> => (await cudaState(look)).problems.map(({ code }) => code)
const said = async (look: Look): Promise<string[]> => (await cudaState(look)).problems.map(({ message }) => message)

/** A card and everything that it needs on the loader's path. */
async function ready(): Promise<FakeMachine> {
  const machine = await FakeMachine.make()
  await machine.card()
  await machine.libraries('usr/local/lib', nvidia)
  await machine.write('runtime/libonnxruntime_providers_cuda.so', provider('1.30.0'))
  return machine
}

test('with card, driver, provider and libraries it is ready, and each is told with its version', async () => {
  await using machine = await ready()
  await machine.write('usr/local/lib/libcurand.so.10.4.5.25', nvidia['libcurand.so.10'] ?? '')
  await rm(machine.at('usr/local/lib/libcurand.so.10'))
  await symlink('libcurand.so.10.4.5.25', machine.at('usr/local/lib/libcurand.so.10'))
  const state = await cudaState(machine.look())
  expect(state).toMatchObject({
    ready: true,
    problems: [],
    driver: '580.95.05',
    cuda: 13,
    provider: { version: '1.30.0' },
    cards: [{ name: 'NVIDIA GeForce RTX 3060', capability: '8.6', memoryBytes: 12288 * 2 ** 20 }],
  })
  expect(state.libraries.find(({ title }) => title === 'cuRAND')).toMatchObject({ where: 'system', version: '10.4.5.25' })
  // What nothing here asks for may be missing.
  expect(state.libraries.filter(({ where }) => where === 'missing').map(({ title }) => title)).toEqual(['cuFFT', 'nvJitLink'])
})

test('no card; a card without a driver; a driver that is too old; a card that is too old', async () => {
  await using machine = await FakeMachine.make()
  expect(await codes(machine.look())).toEqual(['cuda-no-card', 'cuda-provider-missing'])
  await machine.onBus()
  expect(await codes(machine.look())).toEqual(['cuda-no-driver', 'cuda-provider-missing'])

  await using whole = await ready()
  await whole.card({ driver: '570.86.10' })
  expect(await said(whole.look())).toEqual(['The driver is 570.86.10; CUDA 13 needs 580 or newer. Update the driver.'])
  await whole.card({ name: 'GTX 1060', capability: '6.1' })
  expect(await said(whole.look())).toEqual(['GTX 1060 has compute capability 6.1; CUDA 13 needs 7.5 or newer.'])
})

test("where NVIDIA's own program fails, hangs or talks nonsense, the kernel and the libraries tell the driver", async () => {
  await using machine = await ready()
  for (const script of ['exit 9', "echo 'Failed to initialize NVML: Driver/library version mismatch'", 'sleep 60']) {
    await machine.program(script)
    expect(await cudaState(machine.look({ patience: script.startsWith('sleep') ? 50 : 20_000 }))).toMatchObject({
      ready: true,
      driver: '580.95.05',
      cards: [],
    })
  }
})

test('a provider of another version, and one for another processor', async () => {
  await using machine = await ready()
  await machine.write('runtime/libonnxruntime_providers_cuda.so', provider('1.29.1'))
  expect(await said(machine.look())).toEqual([
    'The provider library is of version 1.29.1 and the runtime of 1.30.0: they go together in one version alone.',
  ])
  await machine.write('runtime/libonnxruntime_providers_cuda.so', provider('1.30.0', { machine: 183 }))
  expect(await codes(machine.look())).toEqual(['cuda-foreign', 'cuda-provider-missing'])
})

test('a library that is missing, that is of another major version, that asks for a missing one, or that the loader does not search for', async () => {
  await using machine = await ready()
  const lib = (name: string) => machine.at('usr/local/lib', name)
  await rm(lib('libcudnn.so.9'))
  expect(await said(machine.look())).toEqual(['libcudnn.so.9 is missing, which the provider asks for.'])
  await machine.write('usr/local/lib/libcudnn.so.8', elf({ soname: 'libcudnn.so.8' }))
  expect(await said(machine.look())).toEqual(['libcudnn.so.8 is here; the provider needs cuDNN 9.'])
  await machine.libraries('usr/local/cuda-13.0/lib64', { 'libcudnn.so.9': nvidia['libcudnn.so.9'] ?? Buffer.alloc(0) })
  expect(await codes(machine.look())).toEqual(['cuda-unlisted'])
  // The same folder, once the loader is told of it.
  expect(await codes(machine.look({ environment: { LD_LIBRARY_PATH: machine.at('usr/local/cuda-13.0/lib64') } }))).toEqual([])

  await machine.write('usr/local/lib/libcublasLt.so.13', elf({ soname: 'libcublasLt.so.13', needed: ['libgone.so.1'] }))
  const problems = await said(machine.look({ environment: { LD_LIBRARY_PATH: machine.at('usr/local/cuda-13.0/lib64') } }))
  expect(problems).toEqual(['libgone.so.1 is missing, which libcublasLt.so.13 asks for.'])
})

test('CUDA 12 and its driver, by what the provider asks for', async () => {
  await using machine = await FakeMachine.make()
  await machine.card({ driver: '535.183.01' })
  await machine.write('runtime/libonnxruntime_providers_cuda.so', provider('1.30.0', { cuda: 12 }))
  const state = await cudaState(machine.look())
  expect(state.cuda).toBe(12)
  expect(state.libraries.map(({ name }) => name)).toContain('libcublas.so.12')
  expect(state.problems.map(({ code }) => code)).not.toContain('cuda-driver-old')
})

test('on Windows it says why, and that DirectML does the work; on other systems that there is none', async () => {
  await using machine = await FakeMachine.make()
  const windows = { system: 'win32-x64', environment: { SYSTEMROOT: 'Windows' } }
  await machine.write('Windows/System32/nvcuda.dll', pe(['KERNEL32.dll'], [32, 0, 15, 8097]))
  const state = await cudaState(machine.look(windows))
  expect(state).toMatchObject({ impossible: true, ready: false, driver: '580.97' })
  expect(state.problems).toMatchObject([{ code: 'cuda-windows' }])
  expect(await codes(machine.look({ system: 'darwin-arm64' }))).toEqual(['cuda-system'])
  expect([windowsDriver('31.0.15.3623'), windowsDriver('1.2'), windowsDriver(undefined)]).toEqual(['536.23', null, null])
})
