// Licences of what Pigment is made of, read from the packages themselves.
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Licence } from '../api/methods/app.ts'

interface Manifest {
  readonly name?: string
  readonly version?: string
  readonly license?: string
  readonly dependencies?: Readonly<Record<string, string>>
}

const mostText = 100_000

export async function licencesOf(root: string): Promise<readonly Licence[]> {
  const own = await manifest(root)
  const names = Object.keys(own.dependencies ?? {}).sort()
  const found = await Promise.all(names.map((name) => licenceOf(join(root, 'node_modules', name))))
  const assets = await readFile(join(root, 'assets', 'ATTRIBUTION.md'), 'utf8').catch(() => '')
  return [
    { name: 'Pigment', version: own.version ?? '', licence: own.license ?? '', text: await textIn(root) },
    ...(assets ? [{ name: 'Pictures and vocabularies', version: '', licence: '', text: assets }] : []),
    ...found.filter((one) => one !== undefined),
  ]
}

/** Of the package that the engine computes with, which this process does not load. */
export async function runtimeOf(root: string): Promise<string> {
  const { version } = await manifest(join(root, 'node_modules', 'onnxruntime-node'))
  return ['onnxruntime', version].filter(Boolean).join(' ')
}

async function licenceOf(folder: string): Promise<Licence | undefined> {
  const { name, version = '', license = '' } = await manifest(folder)
  return name ? { name, version, licence: license, text: await textIn(folder) } : undefined
}

const manifest = (folder: string): Promise<Manifest> =>
  readFile(join(folder, 'package.json'), 'utf8').then(
    (text) => JSON.parse(text) as Manifest,
    () => ({}),
  )

async function textIn(folder: string): Promise<string> {
  const file = (await readdir(folder).catch(() => [])).find((name) => /^(licen[cs]e|copying)/i.test(name))
  return file ? (await readFile(join(folder, file), 'utf8').catch(() => '')).slice(0, mostText) : ''
}
