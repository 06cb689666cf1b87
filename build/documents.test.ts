// The page of the architecture names every folder in which one file is one extension.
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { listFolders } from './list-folders.ts'
import { indexes } from './write-indexes.ts'

const root = join(import.meta.dirname, '..')
const page = readFileSync(join(root, 'docs/architecture.md'), 'utf8')

test('every folder that is listed has a row that says how to add to it', () => {
  const folders = [...listFolders.map(({ folder }) => folder), 'engine/ops', 'main/commands', 'renderer/screens']
  expect(folders.filter((folder) => !page.includes(`\`${folder}/<`))).toEqual([])
})

test('what is written by a program says so', async () => {
  for (const [path, text] of await indexes())
    expect([path, text.split('\n')[0]]).toEqual([path, expect.stringMatching(/^\/\/ Written by build\/write-indexes/)])
})

test('the page is one page', () => expect(page.split('\n').length).toBeLessThanOrEqual(125))

test('no document holds the marks of a merge that was not finished', () => {
  const marked = globSync(['*.md', 'docs/**/*.md', '{build,renderer,engine,main}/**/*.md'], {
    cwd: root,
    exclude: ['**/node_modules/**'],
  }).filter((file) => /(<{7}|>{7}) /.test(readFileSync(join(root, file), 'utf8')))
  expect(marked).toEqual([])
})
