import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import ort from '../../engine/runtime/onnxruntime.ts'
import type { AppInfo } from '../api/methods/app.ts'
import { unwrap } from '../api/revive-error.ts'
import { forkWorkers } from '../processes/fork-worker.ts'
import { openHost } from './host.ts'

test('the studio says which runtime it computes with, as the runtime itself does', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'pigment-info-'))
  const host = await openHost({ folder, launch: forkWorkers(fileURLToPath(new URL('../worker.ts', import.meta.url))) })
  try {
    const info = unwrap(await host.invoke('app.info', {})) as AppInfo
    expect(info.runtime).toBe(`onnxruntime ${ort.env.versions.node}`)
  } finally {
    await host.close()
    await rm(folder, { recursive: true, force: true })
  }
})
