import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['{engine,main,renderer,build}/**/*.test.ts'],
    exclude: ['**/node_modules/**', 'work/**'],
    globalSetup: ['build/renderer/global-setup.ts'],
    // The runtime is native code: each file gets a process of its own, so that a crash there fails one file.
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // A second, the usual, is little for a page that asks its host on a loaded machine.
    expect: { poll: { timeout: 15_000 } },
    env: {
      // Where Debian's chromium package keeps the software Vulkan driver. The WebGPU tests give it to the processes that they start.
      PIGMENT_SWIFTSHADER: process.env.PIGMENT_SWIFTSHADER ?? '/usr/lib/chromium',
    },
  },
})
