// The package that the runtime's own install script takes its CUDA provider from: by the script's lists, of the version that is bound.
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { z } from 'zod'
import type { BoundRuntime } from '../../../engine/cuda/bound.ts'
import { PigmentError } from '../../../engine/requests/error.ts'
import { askJson } from '../ask.ts'
import type { About } from '../failures.ts'
import type { Network } from '../network.ts'
import type { Plan, PublishedHash } from '../plan.ts'

const lists = z.object({
  requirements: z.record(z.string(), z.array(z.string())),
  manifests: z.record(z.string(), z.record(z.string(), z.object({ package: z.string(), path: z.string() }))),
  packages: z.record(z.string(), z.object({ name: z.string(), versions: z.array(z.object({ feed: z.string(), version: z.string() })) })),
  feeds: z.record(z.string(), z.object({ type: z.string(), index: z.string() })),
})
const serviceIndex = z.object({ resources: z.array(z.object({ '@id': z.string(), '@type': z.string() })) })

interface Named {
  readonly name: string
  readonly version: string
  /** Service index of a NuGet feed. */
  readonly index: string
}

/** Throws `cuda-no-package` where the lists name none for this system. */
export function runtimePackages({ root, version }: BoundRuntime, system: string): readonly Named[] {
  const read: unknown = createRequire(join(root, 'package.json'))('./script/install-metadata.js')
  const { requirements, manifests, packages, feeds } = lists.parse(read)
  const place = system.replace('-', '/')
  const wanted = (requirements[place] ?? []).flatMap((one) => Object.values(manifests[`${place}:${one}`] ?? {}).map((file) => file.package))
  const found = [...new Set(wanted)].flatMap((key) => {
    const { name, versions } = packages[key] ?? { name: '', versions: [] }
    return versions.flatMap((one) => {
      const { type, index } = feeds[one.feed] ?? {}
      return type === 'nuget' && index ? [{ name, version: one.version, index }] : []
    })
  })
  if (found.length > 0) return found
  throw new PigmentError('cuda-no-package', `The runtime ${version} names no package of CUDA for ${system}. Use the CPU or WebGPU.`, {
    runtime: version,
    system,
  })
}

/** The first of them that is there, with the hash of its catalogue (NuGet Server API: "Service index", "Package Content", "Package metadata"). */
export async function runtimePlan(bound: BoundRuntime, system: string, network: Network, signal: AbortSignal): Promise<Plan> {
  let failure: unknown
  for (const named of runtimePackages(bound, system))
    try {
      return await planOf(named, network, signal)
    } catch (error) {
      if (signal.aborted) throw error
      failure ??= error
    }
  throw failure
}

async function planOf({ name, version, index }: Named, network: Network, signal: AbortSignal): Promise<Plan> {
  const about: About = { site: 'nuget', page: new URL('/', index).href, tokens: undefined }
  const json = async (url: string): Promise<unknown> => (await askJson({ ...about, url, signal }, network)).json
  const { resources } = serviceIndex.parse(await json(index))
  const resource = (type: string): string | undefined => resources.find((one) => one['@type'].startsWith(type))?.['@id']
  const base = resource('PackageBaseAddress/3')
  if (!base)
    throw new PigmentError('fetch-answer', `"${index}" does not answer as it should (no PackageBaseAddress). Try again later.`, {
      where: index,
    })
  const [id, number] = [name.toLowerCase(), version.toLowerCase()]
  const file = `${id}.${number}.nupkg`
  const published = await catalogued(resource('RegistrationsBaseUrl'), `${id}/${number}.json`, json).catch(() => undefined)
  return {
    ...about,
    link: `nuget:${name}@${version}`,
    title: `${name} ${version}`,
    name: file,
    files: [{ path: file, url: `${folder(base)}${id}/${number}/${file}`, ...published }],
    licence: { name: 'MIT', link: 'https://github.com/microsoft/onnxruntime/blob/main/LICENSE' },
    gated: false,
    beside: {},
  }
}

const folder = (address: string): string => (address.endsWith('/') ? address : `${address}/`)

/** Size and hash stand in the catalogue's leaf, which the registration names. */
async function catalogued(
  registrations: string | undefined,
  leaf: string,
  json: (url: string) => Promise<unknown>,
): Promise<{ bytes: number; hash?: PublishedHash }> {
  const { catalogEntry } = z.object({ catalogEntry: z.string() }).parse(await json(`${folder(registrations ?? '')}${leaf}`))
  const entry = z
    .object({ packageSize: z.int().min(1), packageHash: z.string(), packageHashAlgorithm: z.string() })
    .parse(await json(catalogEntry))
  const value = Buffer.from(entry.packageHash, 'base64').toString('hex')
  return { bytes: entry.packageSize, ...(entry.packageHashAlgorithm === 'SHA512' ? { hash: { algorithm: 'sha512', value } } : {}) }
}
