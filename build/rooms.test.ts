// The rules of build/rooms.ts on a small house that breaks them.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { brokenRules } from './rooms.ts'

/** Names of the rules that a house of these files breaks: path → what it imports. */
async function broken(files: Readonly<Record<string, string>>): Promise<string[]> {
  const root = await mkdtemp(join(tmpdir(), 'pigment-rooms-'))
  try {
    for (const [path, imported] of Object.entries(files)) {
      await mkdir(join(root, dirname(path)), { recursive: true })
      const line = imported ? `import '${imported}'\n` : 'export {}\n'
      await writeFile(join(root, path), path.endsWith('.svelte') ? `<script lang="ts">\n${line}</script>\n` : line)
    }
    const tops = [...new Set(Object.keys(files).map((path) => path.split('/')[0] ?? ''))]
    return (await brokenRules(root, tops)).map(({ rule, from, to }) => `${rule}: ${from} → ${to}`)
  } finally {
    await rm(root, { recursive: true })
  }
}

test('inside the engine the right imports the left, never the reverse; tests look everywhere', async () => {
  const files = { 'engine/graph/op.ts': '', 'engine/nn/layers.ts': '../graph/op.ts', 'engine/ops/add.test.ts': '../nn/layers.ts' }
  expect(await broken(files)).toEqual([])
  expect(await broken({ ...files, 'engine/ops/Add.ts': '../nn/layers.ts' })).toEqual([
    'engine-order-ops: engine/ops/Add.ts → engine/nn/layers.ts',
  ])
  expect(await broken({ ...files, 'engine/new/x.ts': '../graph/op.ts' })).toEqual([
    'engine-order-unknown: engine/new/x.ts → engine/graph/op.ts',
  ])
})

test('the border between window and Node side', async () => {
  const files = {
    'engine/requests/x.ts': '',
    'main/api/x.ts': '../../engine/requests/x.ts',
    'renderer/x.ts': '../main/api/x.ts',
    'main/stores/x.ts': 'node:fs',
  }
  expect(await broken(files)).toEqual([])
  expect(await broken({ ...files, 'renderer/y.ts': '../main/stores/x.ts' })).toEqual(['renderer-by-api: renderer/y.ts → main/stores/x.ts'])
  expect(await broken({ ...files, 'main/api/y.ts': '../stores/x.ts' })).toEqual(['api-plain: main/api/y.ts → main/stores/x.ts'])
  expect(await broken({ ...files, 'main/api/y.ts': 'node:fs' })).toEqual(['plain-without-node: main/api/y.ts → fs'])
  expect(await broken({ ...files, 'main/stores/y.ts': '../../renderer/x.ts' })).toEqual([
    'main-without-screens: main/stores/y.ts → renderer/x.ts',
  ])
  expect(await broken({ ...files, 'engine/requests/y.ts': '../../main/stores/x.ts' })).toEqual([
    'engine-alone: engine/requests/y.ts → main/stores/x.ts',
  ])
})

test('controls know nothing of the studio, and parts of one subject nothing of another', async () => {
  const files = {
    'renderer/words/t.ts': '',
    'renderer/state/x.ts': '../words/t.ts',
    'renderer/controls/Dialog.svelte': '../words/t.ts',
    'renderer/parts/shell/Modal.svelte': '../../controls/Dialog.svelte',
    'renderer/parts/jobs/Row.svelte': '../shell/Modal.svelte',
    'renderer/screens/Jobs.svelte': '../parts/jobs/Row.svelte',
  }
  expect(await broken(files)).toEqual([])
  expect(await broken({ ...files, 'renderer/controls/Bar.svelte': '../state/x.ts' })).toEqual([
    'controls-alone: renderer/controls/Bar.svelte → renderer/state/x.ts',
  ])
  expect(await broken({ ...files, 'renderer/parts/library/Card.svelte': '../jobs/Row.svelte' })).toEqual([
    'parts-apart: renderer/parts/library/Card.svelte → renderer/parts/jobs/Row.svelte',
  ])
  expect(await broken({ ...files, 'renderer/state/y.ts': '../controls/Dialog.svelte' })).toEqual([
    'state-without-controls: renderer/state/y.ts → renderer/controls/Dialog.svelte',
  ])
  expect(await broken({ ...files, 'renderer/controls/Bar.svelte': '../parts/jobs/Row.svelte' })).toContain(
    'renderer-order-controls-state: renderer/controls/Bar.svelte → renderer/parts/jobs/Row.svelte',
  )
})

test('shells see the rest of main, and nobody sees electron', async () => {
  const files = { 'main/stores/x.ts': '', 'main/cli/x.ts': '../stores/x.ts', 'main/electron/x.ts': '../stores/x.ts' }
  expect(await broken(files)).toEqual([])
  expect(await broken({ ...files, 'main/stores/y.ts': '../cli/x.ts' })).toContain('main-without-shells: main/stores/y.ts → main/cli/x.ts')
  expect(await broken({ ...files, 'main/cli/y.ts': '../electron/x.ts' })).toEqual(['electron-alone: main/cli/y.ts → main/electron/x.ts'])
  expect(await broken({ ...files, 'main/stores/y.ts': 'electron' })).toEqual(['only-electron-names-electron: main/stores/y.ts → electron'])
})

test('no two rooms see each other; inside main/ the arrow runs one way', async () => {
  const files = { 'main/stores/x.ts': '', 'main/jobs/x.ts': '../stores/x.ts', 'main/stores/y.test.ts': '../jobs/x.ts' }
  expect(await broken(files)).toEqual([])
  expect(await broken({ ...files, 'main/stores/z.ts': '../jobs/x.ts' })).toEqual([
    'main-order-stores: main/stores/z.ts → main/jobs/x.ts',
    'no-circles: main/jobs → main/stores',
    'no-circles: main/stores → main/jobs',
  ])
  const around = { 'renderer/a/x.ts': '../b/y.ts', 'renderer/b/x.ts': '../c/y.ts', 'renderer/c/x.ts': '../a/y.ts' }
  const leaves = { 'renderer/a/y.ts': '', 'renderer/b/y.ts': '', 'renderer/c/y.ts': '' }
  expect(await broken({ ...around, ...leaves })).toHaveLength(3)
})

test('files of one room import each other in no circle', async () => {
  expect(await broken({ 'engine/graph/x.ts': './y.ts', 'engine/graph/y.ts': '' })).toEqual([])
  expect(await broken({ 'engine/graph/x.ts': './y.ts', 'engine/graph/y.ts': './x.ts' })).toEqual([
    'no-circles-of-files: engine/graph/x.ts → engine/graph/y.ts',
  ])
})
