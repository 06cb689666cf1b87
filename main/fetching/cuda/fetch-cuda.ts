// Everything of CUDA that is missing, from those who publish it: the provider first, which tells what it asks for; then that.
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { BoundRuntime } from '../../../engine/cuda/bound.ts'
import type { CudaState } from '../../../engine/requests/cuda.ts'
import { fetchPlan } from '../fetch-plan.ts'
import type { Network } from '../network.ts'
import { totalOf, type Plan } from '../plan.ts'
import { runtimeWheelPlan, wheelsPlan } from './nvidia-wheels.ts'
import { runtimePlan } from './runtime-package.ts'

export interface CudaFetching {
  readonly bound: BoundRuntime
  /** For what is under way; it stays where it is stopped, and the next time goes on from there. */
  readonly folder: string
  readonly network: Network
  readonly signal: AbortSignal
  readonly progress: (done: number, total: number | undefined, what: string) => void
  readonly state: () => Promise<CudaState>
  /** Installs from a folder, and gives how things are then. */
  readonly install: (from: string) => Promise<CudaState>
}

export interface CudaOffer {
  readonly packages: readonly { readonly title: string; readonly bytes: number | null; readonly licence: string; readonly link: string }[]
  readonly bytes: number | null
}

/** What would be fetched, with its licences. What the provider asks for is known for certain only when it is here. */
export async function offerCuda({
  bound,
  network,
  signal,
  state,
}: Omit<CudaFetching, 'folder' | 'progress' | 'install'>): Promise<CudaOffer> {
  const plans = await plansFor(await state(), bound, network, signal)
  const packages = plans.map((plan) => ({
    title: plan.title,
    bytes: totalOf(plan) ?? null,
    licence: plan.licence.name,
    link: plan.licence.link,
  }))
  const sizes = packages.map(({ bytes }) => bytes)
  return { packages, bytes: sizes.includes(null) ? null : sizes.reduce<number>((sum, size) => sum + (size ?? 0), 0) }
}

async function plansFor(now: CudaState, bound: BoundRuntime, network: Network, signal: AbortSignal): Promise<Plan[]> {
  const provider = now.provider?.version === bound.version ? [] : [await providerPlan(now, bound, network, signal)]
  const missing = missingOf(now)
  return [...provider, ...(missing.length > 0 ? [await wheelsPlan(missing, now.cuda ?? likely(now), network, signal)] : [])]
}

/** As the runtime's own install script has it; where that is not to be had, out of its wheel of the same version. */
async function providerPlan({ system }: CudaState, bound: BoundRuntime, network: Network, signal: AbortSignal): Promise<Plan> {
  try {
    return await runtimePlan(bound, system, network, signal)
  } catch (error) {
    return await runtimeWheelPlan(bound.version, network, signal).catch(() => {
      throw error
    })
  }
}

/** By the names of the libraries that were looked for. */
const likely = ({ libraries }: CudaState): number =>
  Number(/\.(\d+)$/.exec(libraries.find(({ title }) => title === 'CUDA runtime')?.name ?? '')?.[1])

const missingOf = ({ libraries }: CudaState): string[] =>
  libraries.flatMap(({ title, where, optional }) => (optional || where === 'installed' || where === 'system' ? [] : [title]))

/** Throws what fetching and installing throw. */
export async function fetchCuda(given: CudaFetching): Promise<CudaState> {
  const { bound, network, signal, state, install, folder } = given
  let now = await state()
  if (now.provider?.version !== bound.version) now = await bring(await providerPlan(now, bound, network, signal), given)
  const missing = missingOf(now)
  if (missing.length > 0) now = await bring(await wheelsPlan(missing, now.cuda ?? likely(now), network, signal), given)
  else if (now.installed?.whole === false) now = await install(folder)
  return now
}

async function bring(plan: Plan, { folder, network, signal, progress, install }: CudaFetching): Promise<CudaState> {
  const place = join(folder, plan.name)
  const tell = (done: number, total: number | undefined): void => progress(done, total, plan.title)
  await fetchPlan(plan, { folder: place, network, signal, progress: tell, note: () => undefined })
  const now = await install(place)
  await rm(place, { recursive: true, force: true })
  return now
}
