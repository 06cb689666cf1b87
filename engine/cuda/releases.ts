// CUDA's major versions: what their libraries are called, and what they ask of the driver and of the card.

export interface WantedLibrary {
  readonly title: string
  /** As the loader asks for it. */
  readonly name: string
  /** Loaded by name while it works, by the library itself: these must lie beside it. */
  readonly beside?: RegExp
  /** Nothing that Pigment computes asks for it. */
  readonly optional?: true
}

export interface CudaRelease {
  readonly major: number
  /** The oldest driver, on Linux and on Windows (CUDA Toolkit Release Notes, table "CUDA Toolkit and Minimum Required NVIDIA Driver Version for CUDA Minor Version Compatibility"). */
  readonly driver: { readonly linux: string; readonly win32: string }
  /** The oldest compute capability that its compiler and libraries know. */
  readonly capability: string
  readonly libraries: readonly WantedLibrary[]
}

/** cuDNN's major version that the provider is written for. */
export const cudnnMajor = 9

const libraries = (major: number, fft: number): WantedLibrary[] => [
  { title: 'CUDA runtime', name: `libcudart.so.${major}` },
  { title: 'cuBLAS', name: `libcublas.so.${major}` },
  { title: 'cuBLAS', name: `libcublasLt.so.${major}` },
  { title: 'cuRAND', name: 'libcurand.so.10' },
  { title: 'cuDNN', name: `libcudnn.so.${cudnnMajor}`, beside: new RegExp(`^libcudnn_\\w+\\.so\\.${cudnnMajor}$`) },
  // cuDNN and cuBLAS compile kernels with it while they work.
  { title: 'NVRTC', name: `libnvrtc.so.${major}`, beside: /^libnvrtc-builtins\.so\.\d+\.\d+$/ },
  { title: 'cuFFT', name: `libcufft.so.${fft}`, optional: true },
  { title: 'nvJitLink', name: `libnvJitLink.so.${major}`, optional: true },
]

/** Newest first. */
export const cudaReleases: readonly CudaRelease[] = [
  { major: 13, driver: { linux: '580', win32: '580' }, capability: '7.5', libraries: libraries(13, 12) },
  { major: 12, driver: { linux: '525.60.13', win32: '528.33' }, capability: '5.0', libraries: libraries(12, 11) },
]

/** By what a provider library asks the loader for. */
export function releaseOf(needed: readonly string[]): CudaRelease | undefined {
  const major = needed.map((name) => /^libcudart\.so\.(\d+)|^cudart64_(\d+)\.dll/i.exec(name)).find((match) => match)
  return cudaReleases.find((release) => release.major === Number(major?.[1] ?? major?.[2]))
}

/** The driver's own library, which no package brings. */
export const driverLibrary = 'libcuda.so.1'

/** Whether a version in numbers and points is below another. */
export function isBelow(version: string, other: string): boolean {
  const [a, b] = [version, other].map((text) => text.split('.').map(Number))
  for (let i = 0; i < Math.max(a?.length ?? 0, b?.length ?? 0); i++) {
    const difference = (a?.[i] ?? 0) - (b?.[i] ?? 0)
    if (difference !== 0) return difference < 0
  }
  return false
}
