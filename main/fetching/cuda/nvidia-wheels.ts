// NVIDIA's libraries as NVIDIA publishes them in the Python Package Index: zips with a list of hashes, for which no Python is needed.
import { z } from 'zod'
import { isBelow } from '../../../engine/cuda/releases.ts'
import { PigmentError } from '../../../engine/requests/error.ts'
import { askJson } from '../ask.ts'
import type { About } from '../failures.ts'
import type { Network } from '../network.ts'
import type { Plan, PlannedFile } from '../plan.ts'

/** By what people call a library: its project, and its major version where that is not CUDA's. From CUDA 13 on the names have no suffix. */
const projects: Readonly<Record<string, (cuda: number) => { readonly project: string; readonly major: number }>> = {
  'CUDA runtime': (cuda) => ({ project: suffixed('nvidia-cuda-runtime', cuda), major: cuda }),
  cuBLAS: (cuda) => ({ project: suffixed('nvidia-cublas', cuda), major: cuda }),
  cuRAND: (cuda) => ({ project: suffixed('nvidia-curand', cuda), major: 10 }),
  cuDNN: (cuda) => ({ project: `nvidia-cudnn-cu${cuda}`, major: 9 }),
  NVRTC: (cuda) => ({ project: suffixed('nvidia-cuda-nvrtc', cuda), major: cuda }),
}
const suffixed = (name: string, cuda: number): string => (cuda < 13 ? `${name}-cu${cuda}` : name)

/** An answer of the index in JSON ("Simple repository API", Python Packaging User Guide), as far as it is used. */
const answer = z.object({
  files: z.array(
    z.object({
      filename: z.string(),
      url: z.string(),
      size: z.int().nullish(),
      hashes: z.record(z.string(), z.string()),
      yanked: z.union([z.boolean(), z.string()]).nullish(),
    }),
  ),
})

/** The newest of each that fits. `titles` are those of `CudaLibrary`; others, which nothing asks for, are left out. */
export async function wheelsPlan(titles: readonly string[], cuda: number, network: Network, signal: AbortSignal): Promise<Plan> {
  const wanted = [...new Set(titles)].flatMap((title) => projects[title]?.(cuda) ?? [])
  const about: About = { site: 'python', page: network.hubs.python, tokens: undefined }
  const files: PlannedFile[] = []
  for (const { project, major } of wanted)
    files.push(await wheelOf(project, (version) => Number(version.split('.')[0]) === major, about, network, signal))
  return {
    ...about,
    link: `python:${wanted.map(({ project }) => project).join('+')}`,
    title: `CUDA ${cuda}`,
    name: `cuda-${cuda}`,
    files,
    licence: { name: 'NVIDIA CUDA Toolkit EULA, NVIDIA cuDNN SLA', link: 'https://docs.nvidia.com/cuda/eula/index.html' },
    gated: false,
    beside: {},
  }
}

/** The runtime's own wheel, of the version that is bound: it has the provider as well. */
export async function runtimeWheelPlan(version: string, network: Network, signal: AbortSignal): Promise<Plan> {
  const about: About = { site: 'python', page: network.hubs.python, tokens: undefined }
  const file = await wheelOf('onnxruntime-gpu', (one) => one === version, about, network, signal)
  return {
    ...about,
    link: `python:onnxruntime-gpu@${version}`,
    title: `onnxruntime-gpu ${version}`,
    name: file.path,
    files: [file],
    licence: { name: 'MIT', link: 'https://github.com/microsoft/onnxruntime/blob/main/LICENSE' },
    gated: false,
    beside: {},
  }
}

/** The newest wheel of a project for this system. */
async function wheelOf(
  project: string,
  fits: (version: string) => boolean,
  about: About,
  network: Network,
  signal: AbortSignal,
): Promise<PlannedFile> {
  const url = `${network.hubs.python}/simple/${project}/`
  const { json } = await askJson({ ...about, url, signal, headers: { accept: 'application/vnd.pypi.simple.v1+json' } }, network)
  const fitting = answer.parse(json).files.flatMap(({ filename, url: address, size, hashes, yanked }) => {
    const [, version = '', tags = ''] = /^[^-]+-([\d.]+)-(.+)\.whl$/.exec(filename) ?? []
    if (yanked || !fits(version) || !/manylinux.*x86_64/.test(tags) || !/^[\w.-]+$/.test(filename)) return []
    const hash = hashes.sha256 === undefined ? {} : { hash: { algorithm: 'sha256' as const, value: hashes.sha256 } }
    return [{ version, file: { path: filename, url: new URL(address, url).href, ...(size ? { bytes: size } : {}), ...hash } }]
  })
  const [first] = fitting.toSorted((a, b) => (isBelow(a.version, b.version) ? 1 : -1))
  if (first) return first.file
  throw new PigmentError('cuda-no-wheel', `There is no ${project} for Linux x64 that fits. Give a folder that has it, with --from.`, {
    project,
  })
}
