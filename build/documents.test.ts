// The page of the architecture names every folder in which one file is one extension.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { listFolders } from './list-folders.ts'
import { indexes } from './write-indexes.ts'

const page = readFileSync(join(import.meta.dirname, '../docs/architecture.md'), 'utf8')

test('every folder that is listed has a row that says how to add to it', () => {
  const folders = [...listFolders.map(({ folder }) => folder), 'engine/ops', 'main/commands', 'renderer/screens']
  expect(folders.filter((folder) => !page.includes(`\`${folder}/<`))).toEqual([])
})

test('what is written by a program says so', async () => {
  for (const [path, text] of await indexes())
    expect([path, text.split('\n')[0]]).toEqual([path, expect.stringMatching(/^\/\/ Written by build\/write-indexes/)])
})

test('the page is one page', () => expect(page.split('\n').length).toBeLessThanOrEqual(125))
