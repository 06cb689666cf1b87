// CUDA's state on the fake machine: a card with an old driver, and half of what it needs.
import type { CudaState } from '../../../engine/requests/cuda.ts'
import { because } from '../../../engine/requests/reason.ts'
import type { Handlers } from './handlers.ts'

const library = (title: string, name: string, version: string | null): CudaState['libraries'][number] => ({
  title,
  name,
  version,
  where: version ? 'installed' : 'missing',
  path: version ? `/home/mei/pigment/cuda/onnxruntime-1.30.0/${name}` : null,
  optional: false,
})

const here: CudaState = {
  system: 'linux-x64',
  runtime: '1.30.0',
  ready: false,
  impossible: false,
  problems: [
    because('cuda-driver-old', 'The driver is {found}; CUDA {cuda} needs {needed} or newer. Update the driver.', {
      found: '570.86',
      needed: '580',
      cuda: 13,
    }),
    because('cuda-library-missing', '{name} is missing, which {by} asks for.', { name: 'libcudnn.so.9', by: 'the provider' }),
  ],
  cards: [{ name: 'NVIDIA GeForce RTX 3060', capability: '8.6', memoryBytes: 12 * 2 ** 30 }],
  driver: '570.86',
  cuda: 13,
  provider: { version: '1.30.0', path: '/home/mei/pigment/cuda/onnxruntime-1.30.0/libonnxruntime_providers_cuda.so' },
  libraries: [
    library('CUDA runtime', 'libcudart.so.13', '13.5.37'),
    library('cuBLAS', 'libcublas.so.13', '13.10.0.20'),
    library('cuBLAS', 'libcublasLt.so.13', '13.10.0.20'),
    library('cuRAND', 'libcurand.so.10', '10.4.5.25'),
    library('cuDNN', 'libcudnn.so.9', null),
    library('NVRTC', 'libnvrtc.so.13', '13.5.37'),
  ],
  installed: { folder: '/home/mei/pigment/cuda/onnxruntime-1.30.0', bytes: 1.3e9, whole: true },
}
const without: CudaState = {
  ...here,
  provider: null,
  cuda: null,
  installed: null,
  libraries: here.libraries.map((row) => ({ ...row, version: null, where: 'missing', path: null })),
}

export const fakeCuda: Handlers<'cuda'> = {
  state: () => here,
  install: () => ({ files: [], passedOver: [], state: here }),
  offer: () => ({
    packages: [
      {
        title: 'Microsoft.ML.OnnxRuntime.Gpu.Linux 1.30.0',
        bytes: 2.6e8,
        licence: 'MIT',
        link: 'https://github.com/microsoft/onnxruntime/blob/main/LICENSE',
      },
      {
        title: 'CUDA 13',
        bytes: 1.1e9,
        licence: 'NVIDIA CUDA Toolkit EULA, NVIDIA cuDNN SLA',
        link: 'https://docs.nvidia.com/cuda/eula/index.html',
      },
    ],
    bytes: 1.36e9,
  }),
  fetch: () => here,
  remove: () => ({ freedBytes: 1.3e9, state: without }),
}
