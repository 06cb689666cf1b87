import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Tokens, type Keeper } from './tokens.ts'

let folder: string
beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), 'pigment-tokens-'))))
afterEach(() => rm(folder, { recursive: true, force: true }))

const secret = 'hf_SecretSecretSecret'
const keeper: Keeper = {
  available: () => true,
  seal: (text) => Uint8Array.from(Buffer.from(text), (byte) => byte ^ 85),
  open: (sealed) => Buffer.from(sealed.map((byte) => byte ^ 85)).toString(),
}

test('sealed by the keychain where there is one; elsewhere such a token is said to be out of reach', async () => {
  const sealed = new Tokens(folder, keeper)
  expect(await sealed.set('hub', secret)).toEqual({ site: 'hub', by: 'keychain' })
  expect(await readFile(join(folder, 'tokens.json'), 'utf8')).not.toContain(secret)
  expect(await new Tokens(folder, keeper).get('hub')).toBe(secret)
  await expect(new Tokens(folder).get('hub')).rejects.toMatchObject({ code: 'token-sealed' })
  const broken = new Tokens(folder, {
    ...keeper,
    open: () => {
      throw new Error(secret)
    },
  })
  const told = await broken.get('hub').catch((error: unknown) => error)
  expect(String((told as Error).stack) + JSON.stringify(told)).not.toContain(secret)
})

test('a keychain that cannot seal is passed over; what cannot be read counts as not there', async () => {
  const open = new Tokens(folder, { ...keeper, available: () => false })
  expect(await open.set('hub', ` ${secret}\n`)).toEqual({ site: 'hub', by: 'file' })
  expect(await open.get('hub')).toBe(secret)
  await Promise.all([open.set('a', secret), open.set('b', secret)])
  expect((await open.list()).map(({ site }) => site).sort()).toEqual(['a', 'b', 'hub'])
  const { writeFile } = await import('node:fs/promises')
  await writeFile(join(folder, 'tokens.json'), '{"hub":')
  expect([await open.get('hub'), await open.list()]).toEqual([undefined, []])
})
