// Every store alike: what is put is there whole and read as it was; what is damaged, missing or not allowed is told.
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { workFolder } from '../../operations/testing.ts'
import { hashOfFile, inputName } from '../content-store.ts'
import { openStore } from '../open-store.ts'
import { fetchTree, sendTree, treeAt } from '../tree.ts'
import { startS3, type TestS3 } from './testing-s3.ts'

const folder = await workFolder()
let s3: TestS3
beforeAll(async () => {
  s3 = await startS3({ id: 'someone', secret: 'a secret/of+theirs' })
  await writeFile(folder.at('small'), 'moss')
  await writeFile(folder.at('empty'), '')
  await writeFile(folder.at('large'), Buffer.alloc(3_000_000, 'fern '))
})
afterAll(async () => {
  await s3[Symbol.asyncDispose]()
  await folder.remove()
})
afterEach(() => void vi.unstubAllEnvs())

function withKeys(secret = 'a secret/of+theirs'): void {
  const variables = { AWS_ACCESS_KEY_ID: 'someone', AWS_SECRET_ACCESS_KEY: secret, AWS_ENDPOINT_URL: s3.url, AWS_REGION: 'eu-west-3' }
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value)
}

test.each(['s3://bucket/of/ours', folder.at('shared')])('%s', async (address) => {
  withKeys()
  const store = openStore(address)
  for (const file of ['small', 'empty', 'large']) {
    const { hash } = await hashOfFile(folder.at(file))
    const name = inputName(hash)
    expect(await store.has(name)).toBe(false)
    await store.put(name, folder.at(file))
    expect(await store.has(name)).toBe(true)
    expect((await bytesOf(await store.read(name))).equals(await readFile(folder.at(file)))).toBe(true)
    await store.remove(name)
    await store.remove(name)
    expect(await store.has(name)).toBe(false)
    await expect(store.read(name).then(bytesOf)).rejects.toMatchObject({ code: 'content-missing' })
  }
  // Files that cannot be read leave nothing.
  await expect(store.put('objects/none', folder.at('none'))).rejects.toThrow()
  expect(await store.has('objects/none')).toBe(false)
})

test('a file that is damaged in the store is refused and removed there, and nothing of it is written', async () => {
  withKeys()
  const store = openStore('s3://bucket')
  const tree = await treeAt(folder.at('small'), 'small')
  await sendTree(store, folder.at('small'), tree, inputName)
  const before = s3.asked.length
  await sendTree(store, folder.at('small'), tree, inputName)
  expect(s3.asked.slice(before).filter((one) => one.startsWith('PUT'))).toEqual([])
  const [key = ''] = [...s3.objects.keys()]
  s3.objects.set(key, Buffer.from('mess'))
  await expect(fetchTree(store, folder.at('fetched', 'small'), tree, inputName)).rejects.toMatchObject({ code: 'content-damaged' })
  expect([s3.objects.has(key), await readdir(folder.at('fetched'))]).toEqual([false, []])
})

test('a connection that is cut is made again; keys that are wrong or missing are told without them', async () => {
  withKeys()
  const store = openStore('s3://bucket')
  s3.cut = 2
  expect(await store.has('objects/none')).toBe(false)
  s3.cut = 9
  await expect(store.has('objects/none')).rejects.toMatchObject({ code: 's3-unreachable' })
  s3.cut = 0
  withKeys('another secret')
  const refused = await openStore('s3://bucket')
    .put('objects/x', folder.at('small'))
    .catch((error: unknown) => error)
  expect(refused).toMatchObject({ code: 's3-refused', facts: { status: 403, said: 'SignatureDoesNotMatch' } })
  expect(JSON.stringify(refused)).not.toMatch(/another secret/)
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', '')
  expect(() => openStore('s3://bucket')).toThrow(expect.objectContaining({ code: 's3-keys' }))
  expect(() => openStore('s3://')).toThrow(expect.objectContaining({ code: 's3-address' }))
  expect(() => openStore('ftp://host/folder')).toThrow(expect.objectContaining({ code: 'store-unknown' }))
  expect(() => openStore(undefined)).toThrow(expect.objectContaining({ code: 'store-missing' }))
})

async function bytesOf(pieces: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = []
  for await (const piece of pieces) all.push(piece)
  return Buffer.concat(all)
}
