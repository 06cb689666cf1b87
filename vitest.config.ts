import { defineConfig } from 'vitest/config'

const never = ['**/node_modules/**', 'work/**']
/** Tests that show pages to a browser or pack them: the pages are built before the first of them, and not for the others. */
const withPages = ['build/renderer/**/*.test.ts', 'build/electron/bundle.test.ts']

export default defineConfig({
  test: {
    // The runtime is native code: each file gets a process of its own, so that a crash there fails one file.
    pool: 'forks',
    // One more than the cores of the smallest machine: browsers, killed processes and disks are waited for.
    maxWorkers: 3,
    // Long enough for a loaded machine: these end what hangs and say nothing of speed.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    // A second, the usual, is little for a page that asks its host on a loaded machine.
    expect: { poll: { timeout: 60_000 } },
    env: {
      // Where Debian's chromium package keeps the software Vulkan driver. The WebGPU tests give it to the processes that they start.
      PIGMENT_SWIFTSHADER: process.env.PIGMENT_SWIFTSHADER ?? '/usr/lib/chromium',
    },
    projects: [
      { extends: true, test: { name: 'plain', include: ['{engine,main,renderer,build}/**/*.test.ts'], exclude: [...never, ...withPages] } },
      {
        extends: true,
        test: {
          ...{ name: 'pages', include: withPages, exclude: never, globalSetup: ['build/renderer/global-setup.ts'] },
          // A test of a whole visit trains and draws; each wait in it has a limit of its own.
          testTimeout: 600_000,
        },
      },
    ],
  },
})
