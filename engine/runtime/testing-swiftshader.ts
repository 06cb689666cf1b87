// A software Vulkan driver, so that the WebGPU path is tested on machines without a GPU.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'

const folder = process.env.PIGMENT_SWIFTSHADER ?? '/usr/lib/chromium'

/** Why there is no SwiftShader here, or undefined where there is. */
export function swiftShaderMissing(): string | undefined {
  if (process.platform !== 'linux') return 'SwiftShader is looked for on Linux only.'
  const missing = ['vk_swiftshader_icd.json', 'libvk_swiftshader.so', 'libvulkan.so.1'].find((file) => !existsSync(join(folder, file)))
  return missing ? `${join(folder, missing)} is not there: install Debian's chromium package, or set PIGMENT_SWIFTSHADER.` : undefined
}

export interface Ended {
  readonly code: number | null
  readonly signal: string | null
  readonly stdout: string
  readonly stderr: string
}

/** The environment of a process that sees a Vulkan driver; read only when it starts. Default driver: SwiftShader. */
export function swiftShader(driver = join(folder, 'vk_swiftshader_icd.json')): Readonly<Record<string, string>> {
  return { LD_LIBRARY_PATH: folder, VK_DRIVER_FILES: driver }
}

/** Runs Node with a Vulkan driver. */
export function runWithDriver(args: readonly string[], driver?: string): Promise<Ended> {
  return new Promise((done, fail) => {
    const env = { ...process.env, ...swiftShader(driver) }
    const child = spawn(process.execPath, [...args], { env, stdio: ['ignore', 'pipe', 'pipe'] })
    let [stdout, stderr] = ['', '']
    child.stdout.setEncoding('utf8').on('data', (part: string) => (stdout += part))
    child.stderr.setEncoding('utf8').on('data', (part: string) => (stderr += part))
    child.on('error', fail)
    child.on('close', (code, signal) => done({ code, signal, stdout, stderr }))
  })
}
