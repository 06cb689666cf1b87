// The machine as the looks below ask it; tests give one of their own making.

export interface Surroundings {
  /** E.g. `linux-x64`. */
  readonly system: string
  /** Where its file system begins. */
  readonly root: string
  readonly environment: NodeJS.ProcessEnv
  /** NVIDIA's own program, by the names under which it may be found; it is given `patience` milliseconds. */
  readonly smi: readonly string[]
  readonly patience: number
}

export function surroundings(): Surroundings {
  const windows = process.platform === 'win32'
  return {
    system: `${process.platform}-${process.arch}`,
    root: '/',
    environment: process.env,
    smi: windows
      ? [`${process.env.SYSTEMROOT ?? 'C:\\Windows'}\\System32\\nvidia-smi.exe`]
      : ['nvidia-smi', '/usr/bin/nvidia-smi', '/usr/lib/wsl/lib/nvidia-smi'],
    patience: 5000,
  }
}
