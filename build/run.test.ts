// How the commands of the README begin.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const start = (node: string): { readonly status: number | null; readonly lines: string[] } => {
  const old = `Object.defineProperty(process.versions, 'node', { value: '${node}' })`
  const preload = `data:text/javascript,${encodeURIComponent(old)}`
  const entry = join(import.meta.dirname, 'run.mjs')
  const { status, stderr, stdout } = spawnSync(process.execPath, ['--import', preload, entry, 'main/cli/main.ts', '--version'], {
    encoding: 'utf8',
  })
  return { status, lines: `${stdout}${stderr}`.trim().split('\n') }
}

test.each(['12.22.0', '18.20.4', '20.18.3'])('Node %s is told in one line to be too old, before anything is installed', (node) => {
  const { status, lines } = start(node)
  expect(status).toBe(1)
  expect(lines).toEqual([
    `Pigment needs Node 20.19 or later, and this is ${node}. Install a newer Node (nodejs.org), then run the same command again.`,
  ])
})

test('Node 20.19 runs it', () => {
  expect(start('20.19.0')).toMatchObject({ status: 0 })
})
