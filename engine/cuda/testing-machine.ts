// A machine of a few files: what the kernel, the loader and NVIDIA's own program would tell of one.
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Look } from './look.ts'
import { elf } from './testing-libraries.ts'

export interface FakeCard {
  readonly name?: string
  readonly driver?: string
  readonly capability?: string
}

export class FakeMachine implements AsyncDisposable {
  readonly root: string
  constructor(root: string) {
    this.root = root
  }
  static async make(): Promise<FakeMachine> {
    const machine = new FakeMachine(await mkdtemp(join(tmpdir(), 'pigment-cuda-')))
    await machine.write('runtime/libonnxruntime.so.1', elf({ soname: 'libonnxruntime.so.1' }))
    await machine.write('etc/ld.so.conf', 'include /etc/ld.so.conf.d/*.conf\n')
    await machine.write('etc/ld.so.conf.d/local.conf', '# libc default configuration\n/usr/local/lib\n')
    await machine.write('usr/lib/libc.so.6', elf({ soname: 'libc.so.6' }))
    return machine
  }

  readonly at = (...path: string[]): string => join(this.root, ...path)

  async write(path: string, bytes: string | Uint8Array): Promise<string> {
    const file = this.at(path)
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, bytes)
    return file
  }

  /** Libraries in a folder, by name. */
  async libraries(folder: string, files: Readonly<Record<string, Uint8Array>>): Promise<void> {
    for (const [name, bytes] of Object.entries(files)) await this.write(`${folder}/${name}`, bytes)
  }

  /** A card that the kernel, the loader and nvidia-smi tell of. */
  async card({ name = 'NVIDIA GeForce RTX 3060', driver = '580.95.05', capability = '8.6' }: FakeCard = {}): Promise<void> {
    await this.onBus()
    await this.write('sys/module/nvidia/version', `${driver}\n`)
    await this.write(`usr/lib/libcuda.so.${driver}`, elf({ soname: 'libcuda.so.1' }))
    await rm(this.at('usr/lib/libcuda.so.1'), { force: true })
    await symlink(`libcuda.so.${driver}`, this.at('usr/lib/libcuda.so.1'))
    await this.program(`echo '${name}, ${driver}, ${capability}, 12288'`)
  }

  async onBus(): Promise<void> {
    await this.write('sys/bus/pci/devices/0000:01:00.0/vendor', '0x10de\n')
    await this.write('sys/bus/pci/devices/0000:01:00.0/class', '0x030000\n')
  }

  /** What nvidia-smi does. */
  async program(script: string): Promise<void> {
    await chmod(await this.write('nvidia-smi', `#!/bin/sh\n${script}\n`), 0o755)
  }

  look(more: Partial<Look['around']> = {}): Look {
    return {
      data: this.at('data'),
      bound: { version: '1.30.0', folder: this.at('runtime'), root: this.at('runtime') },
      around: { system: 'linux-x64', root: this.root, environment: {}, smi: [this.at('nvidia-smi')], patience: 20_000, ...more },
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return rm(this.root, { recursive: true, force: true })
  }
}
