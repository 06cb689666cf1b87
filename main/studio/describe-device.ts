import type { ProviderReport } from '../../engine/runtime/providers.ts'
import type { Provider } from '../../engine/runtime/session.ts'
import type { DeviceReport } from '../api/methods/settings.ts'

const titles: Readonly<Record<Provider, string>> = { cuda: 'CUDA', dml: 'DirectML', coreml: 'CoreML', webgpu: 'WebGPU', cpu: 'CPU' }

export function describeDevice(
  { provider, passed, reason, error, milliseconds }: ProviderReport,
  chosen: Provider | undefined,
): DeviceReport {
  return {
    device: provider,
    title: titles[provider],
    works: passed,
    reason: reason ?? null,
    error: error ?? null,
    milliseconds: milliseconds ?? null,
    chosen: provider === chosen,
  }
}
