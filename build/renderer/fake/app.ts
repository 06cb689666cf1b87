// Settings, devices and files of the fake studio.
import { because } from '../../../engine/requests/reason.ts'
import { settings as settingsSchema, type Machine, type Settings } from '../../../main/api/methods/settings.ts'
import type { Handlers } from './handlers.ts'

export const fakeApp = (firstRun: boolean): Handlers<'app'> => ({
  info: () => ({
    version: '0.1.0',
    shell: 'browser',
    platform: 'linux',
    runtime: 'onnxruntime 1.30.0',
    node: 'v24.21.0',
    firstRun,
    dataFolder: '/home/mei/pigment',
  }),
  licences: () => [{ name: 'svelte', version: '5.57.3', licence: 'MIT', text: 'Permission is hereby granted …' }],
  stop: () => undefined,
  openLink: () => undefined,
})

export const fakeFiles: Handlers<'files'> = {
  choose: () => null,
  browse: ({ path = '/home/mei' }) => ({
    path,
    parent: '/home',
    entries: ['Desktop', 'Documents', 'Downloads', 'Pictures', 'models', '水彩'].map((name) => ({
      name,
      path: `${path}/${name}`,
      kind: 'folder',
      bytes: 0,
    })),
    places: [
      { name: 'Home', path: '/home/mei' },
      { name: 'Pictures', path: '/home/mei/Pictures' },
    ],
  }),
  reveal: () => undefined,
  opened: () => null,
}

const machine: Machine = {
  system: 'Linux 6.12',
  processor: 'AMD Ryzen 7 8840U',
  cores: 16,
  memoryBytes: 33e9,
  freeMemoryBytes: 11.2e9,
  diskFreeBytes: 210e9,
  runtime: 'onnxruntime 1.30.0',
  devices: [
    { device: 'webgpu', title: 'WebGPU', works: true, reason: null, error: 3.1e-6, milliseconds: 41, chosen: true },
    { device: 'cpu', title: 'CPU', works: true, reason: null, error: 0, milliseconds: 128, chosen: false },
    {
      device: 'cuda',
      title: 'CUDA',
      works: false,
      reason: because('device-not-carried', 'This build of the runtime does not carry it on this platform.'),
      error: null,
      milliseconds: null,
      chosen: false,
    },
  ],
}

export function fakeSettings(first: Partial<Settings>, changed: (settings: Settings) => void): Handlers<'settings'> {
  let current = settingsSchema.parse({ ...first })
  const take = (change: Partial<Settings>): Settings => {
    current = settingsSchema.parse({ ...current, ...change })
    changed(current)
    return current
  }
  let kept = 5_240_000_000
  const optimized = ({ clear = false }: { readonly clear?: boolean }) => ({ folder: '/data/optimized', bytes: clear ? (kept = 0) : kept })
  return { get: () => current, set: take, reset: () => take(settingsSchema.parse({})), machine: () => machine, optimized }
}
