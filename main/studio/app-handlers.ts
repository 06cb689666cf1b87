// About the studio itself, choosing files, settings and the machine.
import { readFileSync } from 'node:fs'
import type { Dirent } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { answering } from '../../engine/files/answering.ts'
import { fileError } from '../../engine/files/file-error.ts'
import { pictureEndings } from '../../engine/images/picture-formats.ts'
import { chooseProvider, type ProviderReport, type SelfTest } from '../../engine/runtime/providers.ts'
import type { Provider } from '../../engine/runtime/session.ts'
import { PigmentError } from '../../engine/requests/error.ts'
import type { FolderEntry } from '../api/methods/files.ts'
import type { DeviceReport } from '../api/methods/settings.ts'
import type { Handlers } from './handlers.ts'
import { licences, runtimeOf } from './licences.ts'
import type { Parts } from './parts.ts'

const packageFile = fileURLToPath(new URL('../../package.json', import.meta.url))
const linkHosts = new Set(['github.com', 'huggingface.co', 'onnxruntime.ai'])

export function appHandlers({ shell, places, gallery, queue, library, tasks }: Parts): Handlers<'app'> {
  const { version } = JSON.parse(readFileSync(packageFile, 'utf8')) as { version: string }
  return {
    async info() {
      const nothing = queue.list().length === 0 && gallery.list().length === 0 && (await library.list()).length === 0
      return {
        version,
        shell: shell.kind,
        platform: process.platform,
        runtime: await runtimeOf(dirname(packageFile)),
        node: process.version,
        firstRun: nothing,
        dataFolder: places.root,
      }
    },
    licences: () => licences(dirname(packageFile)),
    stop: ({ task }) => tasks.stop(task),
    openLink({ url }) {
      const { protocol, hostname } = new URL(url)
      if (protocol !== 'https:' || !linkHosts.has(hostname))
        throw new PigmentError('link-refused', `Pigment opens only pages of ${[...linkHosts].join(', ')}.`, { url })
      return shell.openLink(url)
    },
  }
}

const endings: Readonly<Record<string, RegExp>> = {
  folder: /$^/,
  pictures: new RegExp(`\\.(${pictureEndings.join('|')}|zip)$`, 'i'),
  adapters: /\.safetensors$/i,
  checkpoint: /\.(safetensors|ckpt)$/i,
  zip: /\.zip$/i,
  'save-adapter': /\.safetensors$/i,
}
const mostEntries = 5000

/** A link to a folder is one for the person who put it there. */
const leadsToFolder = async (entry: Dirent, path: string): Promise<boolean> =>
  entry.isDirectory() || (entry.isSymbolicLink() && ((await stat(path).catch(() => undefined))?.isDirectory() ?? false))

export function fileHandlers({ shell, places, media, drops }: Parts): Handlers<'files'> {
  return {
    choose: ({ kind, name }) => shell.choose(kind, name),
    async browse({ path, kind }) {
      const here = resolve(path ?? homedir())
      const found = await answering(here, (ask) => ask(() => readdir(here, { withFileTypes: true }))).catch((error: unknown) => {
        throw fileError(error, here, 'read')
      })
      const entries: FolderEntry[] = []
      for (const entry of found.slice(0, mostEntries)) {
        const inside = join(here, entry.name)
        if (entry.name.startsWith('.')) continue
        if (await leadsToFolder(entry, inside)) entries.push({ name: entry.name, path: inside, kind: 'folder', bytes: 0 })
        else if (endings[kind]?.test(entry.name))
          entries.push({ name: entry.name, path: inside, kind: 'file', bytes: (await stat(inside).catch(() => ({ size: 0 }))).size })
      }
      entries.sort((a, b) => (a.kind === b.kind ? a.name.localeCompare(b.name) : a.kind === 'folder' ? -1 : 1))
      const parent = dirname(here) === here ? null : dirname(here)
      const places_ = [
        { name: 'home', path: homedir() },
        { name: 'datasets', path: places.datasets },
        { name: 'exports', path: places.exports },
      ]
      return { path: here, parent, entries, places: places_ }
    },
    async reveal({ media: name }) {
      const found = media.find(name)
      if ('path' in found) await shell.reveal(found.path)
    },
    async opened() {
      const paths = shell.opened()
      if (paths.length === 0) return null
      const drop = await drops.open()
      drops.refer(drop, paths)
      return { drop }
    },
  }
}

export function settingsHandlers({ settings, announcer, tools, devices, places }: Parts): Handlers<'settings'> {
  return {
    get: () => settings.value,
    async set(part) {
      const now = await settings.change(part)
      announcer.announce('settings', { settings: now })
      return now
    },
    async reset({ fields }) {
      const now = await settings.reset(fields)
      announcer.announce('settings', { settings: now })
      return now
    },
    async machine({ again }) {
      const facts = await tools.call('machine', { folder: places.root })
      const reports = await devices.reports(again)
      const told: SelfTest = (provider) => Promise.resolve(reports.find((report) => report.provider === provider) as ProviderReport)
      const chosen = await chooseProvider(settings.value.device, told).catch(() => undefined)
      return { ...facts, devices: reports.map((report) => describeDevice(report, chosen?.provider)) }
    },
  }
}

const titles: Readonly<Record<Provider, string>> = { cuda: 'CUDA', dml: 'DirectML', coreml: 'CoreML', webgpu: 'WebGPU', cpu: 'CPU' }

function describeDevice({ provider, passed, reason, error, milliseconds }: ProviderReport, chosen: Provider | undefined): DeviceReport {
  return {
    device: provider,
    title: titles[provider],
    works: passed,
    reason: reason ?? null,
    error: error ?? null,
    milliseconds: milliseconds ?? null,
    chosen: provider === chosen,
  }
}
