import { readdir } from 'node:fs/promises'
import { createHash } from 'node:crypto'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { installCuda } from '../../../engine/cuda/install.ts'
import { cudaState } from '../../../engine/cuda/look.ts'
import { elf, nupkg, nvidia, provider, wheel } from '../../../engine/cuda/testing-libraries.ts'
import { FakeMachine } from '../../../engine/cuda/testing-machine.ts'
import { sha256, startHub, type TestHub } from '../testing-hub.ts'
import { fetchCuda, offerCuda, type CudaFetching } from './fetch-cuda.ts'

let [machine, hub] = [undefined as unknown as FakeMachine, undefined as unknown as TestHub]
beforeEach(async () => {
  ;[machine, hub] = await Promise.all([FakeMachine.make(), startHub()])
  await machine.card()
  const index = JSON.stringify(`${hub.hub}/v3/index.json`)
  await machine.write('runtime/package.json', '{}')
  await machine.write(
    'runtime/script/install-metadata.js',
    `module.exports = {
      requirements: { 'linux/x64': ['cuda12'] },
      manifests: { 'linux/x64:cuda12': { './a.so': { package: 'p', path: 'a.so' }, './b.so': { package: 'p', path: 'b.so' } } },
      packages: { p: { name: 'Microsoft.ML.OnnxRuntime.Gpu.Linux', versions: [{ feed: 'nuget', version: '1.30.0' }] } },
      feeds: { nuget: { type: 'nuget', index: ${index} } },
    }`,
  )
  for (const [project, names] of Object.entries(wheels))
    publish(project, '13.0.1', Object.fromEntries(Object.entries(nvidia).filter(([name]) => names.test(name))))
  // What is older, withdrawn or of another machine is passed over.
  publishNuget()
})
afterEach(async () => {
  await Promise.all([machine[Symbol.asyncDispose](), hub.close()])
})

const wheels: Readonly<Record<string, RegExp>> = {
  'nvidia-cuda-runtime': /cudart/,
  'nvidia-cublas': /cublas/,
  'nvidia-curand': /curand/,
  'nvidia-cudnn-cu13': /cudnn/,
  'nvidia-cuda-nvrtc': /nvrtc/,
}
const majors: Readonly<Record<string, string>> = { 'nvidia-curand': '10.4.2', 'nvidia-cudnn-cu13': '9.28.1' }

function publish(project: string, usual: string, files: Readonly<Record<string, Buffer>>): void {
  const version = majors[project] ?? usual
  const bytes = wheel(project, version, Object.fromEntries(Object.entries(files).map(([name, data]) => [`nvidia/lib/${name}`, data])))
  const stem = project.replaceAll('-', '_')
  const named = (number: string, tags: string, more = {}) => ({
    filename: `${stem}-${number}-${tags}.whl`,
    url: `${hub.storage}/${stem}-${number}-${tags}.whl`,
    size: bytes.length,
    hashes: { sha256: sha256(bytes) },
    ...more,
  })
  const linux = 'py3-none-manylinux_2_27_x86_64'
  hub.stored.set(`/${stem}-${version}-${linux}.whl`, { bytes, etag: '"1"' })
  hub.answers.set(`/simple/${project}/`, {
    files: [
      named(`${version.split('.')[0]}.0.0`, linux),
      named(`${version.split('.')[0]}.99.0`, linux, { yanked: 'broken' }),
      named(`${version.split('.')[0]}.98.0`, 'py3-none-win_amd64'),
      named('99.0', linux),
      named(version, linux),
    ],
  })
}

function publishNuget(
  bytes = nupkg('Microsoft.ML.OnnxRuntime.Gpu.Linux', '1.30.0', {
    'runtimes/linux-x64/native/libonnxruntime_providers_cuda.so': provider('1.30.0'),
    'runtimes/linux-x64/native/libonnxruntime_providers_shared.so': elf({ soname: 'libonnxruntime_providers_shared.so' }),
  }),
): void {
  const id = 'microsoft.ml.onnxruntime.gpu.linux'
  hub.answers.set('/v3/index.json', {
    resources: [
      { '@id': `${hub.storage}/flat/`, '@type': 'PackageBaseAddress/3.0.0' },
      { '@id': `${hub.hub}/registration/`, '@type': 'RegistrationsBaseUrl/3.6.0' },
    ],
  })
  hub.answers.set(`/registration/${id}/1.30.0.json`, { catalogEntry: `${hub.hub}/catalog/1.json` })
  hub.answers.set('/catalog/1.json', {
    packageSize: bytes.length,
    packageHash: createHash('sha512').update(bytes).digest('base64'),
    packageHashAlgorithm: 'SHA512',
  })
  hub.stored.set(`/flat/${id}/1.30.0/${id}.1.30.0.nupkg`, { bytes, etag: '"n"' })
}

const given = (): CudaFetching => {
  const look = machine.look()
  const signal = new AbortController().signal
  return {
    bound: look.bound,
    folder: machine.at('fetching'),
    network: hub.network,
    signal,
    progress: (done) => hub.seen(done),
    state: () => cudaState(look),
    install: async (from) => {
      await installCuda({ ...look, from: [from], signal, progress: () => undefined })
      return cudaState(look)
    },
  }
}
const fetched = () => hub.asked.filter(({ server }) => server === 'storage').map(({ path }) => path.split('/').at(-1))

test('first sizes and licences are told, and nothing is fetched', async () => {
  const { packages, bytes } = await offerCuda(given())
  expect(packages).toMatchObject([
    { title: 'Microsoft.ML.OnnxRuntime.Gpu.Linux 1.30.0', licence: 'MIT' },
    { title: 'CUDA 13', licence: expect.stringContaining('cuDNN') as string },
  ])
  expect(bytes).toBeGreaterThan(3000)
  expect(fetched()).toEqual([])
})

test("the runtime's package by its own lists, then what it asks for and the machine lacks; afterwards it is ready", async () => {
  await machine.libraries('usr/local/lib', { 'libcurand.so.10': nvidia['libcurand.so.10'] ?? Buffer.alloc(0) })
  const state = await fetchCuda(given())
  expect(state).toMatchObject({ ready: true, problems: [], provider: { version: '1.30.0' } })
  expect(fetched()).toEqual([
    'microsoft.ml.onnxruntime.gpu.linux.1.30.0.nupkg',
    'nvidia_cuda_runtime-13.0.1-py3-none-manylinux_2_27_x86_64.whl',
    'nvidia_cublas-13.0.1-py3-none-manylinux_2_27_x86_64.whl',
    'nvidia_cudnn_cu13-9.28.1-py3-none-manylinux_2_27_x86_64.whl',
    'nvidia_cuda_nvrtc-13.0.1-py3-none-manylinux_2_27_x86_64.whl',
  ])
  expect(await readdir(machine.at('fetching'))).toEqual([])
})

test('a package that is not what was published is not installed; what is here already stays, and the next time goes on from there', async () => {
  const [path, good] = [...hub.stored].find(([name]) => name.includes('cudnn')) ?? ['', { bytes: Buffer.alloc(0) }]
  hub.stored.set(path, { bytes: Buffer.from(good.bytes).fill(1, 40, 60), etag: '"w"' })
  await expect(fetchCuda(given())).rejects.toMatchObject({ code: 'fetch-hash-wrong' })
  expect(await cudaState(machine.look())).toMatchObject({ ready: false, provider: { version: '1.30.0' } })
  hub.stored.set(path, good)
  hub.asked.length = 0
  expect(await fetchCuda(given())).toMatchObject({ ready: true })
  // The others lie there already.
  expect(fetched().map((name) => name?.split('-')[0])).toEqual(['nvidia_cudnn_cu13', 'nvidia_cuda_nvrtc'])
})

test("where the feed has no such package, the runtime's wheel gives the provider; where neither has it, the feed's reason is told", async () => {
  hub.answers.delete('/v3/index.json')
  await expect(fetchCuda(given())).rejects.toMatchObject({ code: 'fetch-not-found' })
  const bytes = wheel('onnxruntime-gpu', '1.30.0', { 'onnxruntime/capi/libonnxruntime_providers_cuda.so': provider('1.30.0') })
  const filename = 'onnxruntime_gpu-1.30.0-cp311-cp311-manylinux_2_28_x86_64.whl'
  hub.stored.set(`/${filename}`, { bytes, etag: '"g"' })
  hub.answers.set('/simple/onnxruntime-gpu/', {
    files: [{ filename, url: `${hub.storage}/${filename}`, hashes: { sha256: sha256(bytes) } }],
  })
  expect(await fetchCuda(given())).toMatchObject({ ready: true })
})
