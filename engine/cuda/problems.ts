// What keeps CUDA from working here, one sentence each.
import { because, type Reason } from '../requests/reason.ts'

export const problems = {
  windows: (card: string): Reason =>
    because(
      'cuda-windows',
      'On Windows the Node binding of the runtime carries no CUDA. DirectML computes on {card}; nothing is to be installed for it.',
      { card },
    ),
  system: (system: string): Reason =>
    because('cuda-system', 'The runtime carries CUDA on Linux x64 alone, and this is {system}.', { system }),
  noCard: (): Reason => because('cuda-no-card', 'There is no NVIDIA card in this machine.'),
  noDriver: (needed: string): Reason =>
    because(
      'cuda-no-driver',
      "NVIDIA's driver is missing (libcuda.so.1): install it from your distribution or from NVIDIA, version {needed} or newer. No package of Pigment's can bring it.",
      { needed },
    ),
  driverOld: (found: string, needed: string, cuda: number): Reason =>
    because('cuda-driver-old', 'The driver is {found}; CUDA {cuda} needs {needed} or newer. Update the driver.', { found, needed, cuda }),
  cardOld: (card: string, found: string, needed: string, cuda: number): Reason =>
    because('cuda-card-old', '{card} has compute capability {found}; CUDA {cuda} needs {needed} or newer.', { card, found, needed, cuda }),
  half: (folder: string, broken: readonly string[]): Reason =>
    because('cuda-half', 'The installation in {folder} is not whole ({broken}). Install again, or remove it.', {
      folder,
      broken: broken.join(', ') || 'its list of files is missing',
    }),
  providerMissing: (runtime: string): Reason =>
    because('cuda-provider-missing', "The runtime's CUDA provider, version {runtime}, is not installed.", { runtime }),
  providerVersion: (found: string | null, runtime: string): Reason =>
    because(
      'cuda-provider-version',
      'The provider library is of version {found} and the runtime of {runtime}: they go together in one version alone.',
      {
        found: found ?? 'unknown',
        runtime,
      },
    ),
  providerCuda: (path: string): Reason =>
    because('cuda-provider-unknown', '"{path}" asks for no version of CUDA that is known here.', { path }),
  foreign: (path: string, found: string, system: string): Reason =>
    because('cuda-foreign', '"{path}" is made for {found}, not for {system}.', { path, found, system }),
  cudnnMajor: (found: string, needed: number): Reason =>
    because('cuda-cudnn-major', '{found} is here; the provider needs cuDNN {needed}.', { found, needed }),
  cudaMajor: (found: string, needed: number): Reason =>
    because('cuda-major', '{found} is here; this provider needs the libraries of CUDA {needed}.', { found, needed }),
  toolkit: (name: string, folder: string): Reason =>
    because('cuda-unlisted', "{name} lies in {folder}, where the system's loader does not look. Install from that folder.", {
      name,
      folder,
    }),
  missing: (name: string, by: string): Reason => because('cuda-library-missing', '{name} is missing, which {by} asks for.', { name, by }),
} as const
