// Who may see whom. Every import of the repository is held against the order of the folders; what breaks it is told where it belongs.
import { readdirSync, readFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { dirname, join, relative } from 'node:path'

/** Inside the engine the arrow runs one way: a folder imports from its own line and from those above. */
const engineOrder: readonly (readonly string[])[] = [
  ['spec', 'tensor'],
  ['files', 'graph', 'onnx', 'images'],
  ['ops'],
  ['autodiff', 'passes'],
  ['nn', 'text'],
  ['models', 'adapters'],
  ['adapter-formats'],
  ['samplers', 'schedules', 'objectives', 'optimizers', 'runtime', 'datasets'],
  ['verbs'],
]

/** Folders outside the engine: what else of ours each may import. Its own files are always allowed; the longest name wins. */
const folders: Readonly<Record<string, readonly string[]>> = {
  engine: [],
  'main/api': ['engine/spec'],
  'main/electron': ['main', 'engine'],
  'main/server': ['main', 'engine'],
  'main/cli': ['main', 'engine'],
  main: ['engine', 'main/api'],
  renderer: ['main/api', 'engine/spec'],
  build: ['engine', 'main', 'renderer'],
}

/** Plain data and types only, so that a browser can load them. */
const plainFolders = ['engine/spec', 'main/api', 'renderer']
const node = new Set(builtinModules)

export interface Import {
  /** The importing file, from the root, with forward slashes. */
  readonly from: string
  /** What it imports: a path from the root, or a package as written. */
  readonly to: string
  readonly typeOnly: boolean
}

/** Why an import is not allowed and where its code belongs, or undefined. */
export function objection({ from, to, typeOnly }: Import): string | undefined {
  const ours = /^(engine|main|renderer|build|assets)(\/|$)/.test(to)
  if (!ours) return packageObjection(from, to)
  const [home, target] = [folderOf(from), folderOf(to)]
  if (home === 'build') return undefined
  if (target === 'build') return `nothing imports build/ at run time. Move what both need to engine/ or main/.`
  if (to.startsWith('assets')) return `assets/ is data. Read it by its path.`
  if (home === 'engine' && target === 'engine') return engineObjection(from, to, typeOnly)
  if (home === target) return undefined
  if (from === 'renderer/api.ts' && to.startsWith('main/commands/') && typeOnly) return undefined
  if (target === 'main/electron')
    return `main/electron/ is a shell that nobody else sees. Move what both need to main/commands/ or main/api/.`
  const allowed = folders[home] ?? []
  if (allowed.some((name) => to.startsWith(`${name}/`))) return undefined
  return `${home}/ may import only ${[...allowed.map((name) => `${name}/`), 'its own files'].join(', ')}. ${moveAdvice(home)}`
}

function engineObjection(from: string, to: string, typeOnly: boolean): string | undefined {
  const [home, target] = [engineFolder(from), engineFolder(to)]
  // Tests and their helpers run a whole graph to look at one part of it.
  if (isTest(from)) return undefined
  // The vocabulary of what a checkpoint says about itself: types that every layer above the files may name.
  if (to === 'engine/models/config.ts' && typeOnly) return undefined
  const [at, level] = [levelOf(home), levelOf(target)]
  if (at < 0) return `engine/${home}/ has no place in the order yet. Give it one in build/check-layers.ts.`
  if (level < 0) return `engine/${target}/ has no place in the order yet. Give it one in build/check-layers.ts.`
  if (level <= at) return undefined
  return `engine/${home}/ comes before engine/${target}/. Move this code to engine/${target}/ or later, or what it needs to engine/${home}/ or earlier.`
}

function packageObjection(from: string, to: string): string | undefined {
  const builtin = to.startsWith('node:') || node.has(to)
  if (builtin && !isTest(from) && plainFolders.some((folder) => from.startsWith(`${folder}/`)))
    return `${folderOf(from)}/ holds plain data for both sides of the border, without Node. Move this code to main/commands/ or further into engine/.`
  if (/^electron(\/|$)/.test(to) && !from.startsWith('main/electron/') && !from.startsWith('build/'))
    return `only main/electron/ names electron. Move this code there.`
  return undefined
}

const moveAdvice = (home: string): string =>
  ({
    engine: 'Move this code to main/, or what it needs to engine/.',
    'main/api': 'What crosses the border is plain data: move this code to main/commands/, or the type that it needs to engine/spec/.',
    main: 'Move what both need to main/commands/ or main/api/.',
    renderer: 'Ask for it by a command through main/api/, or move the type that it needs to engine/spec/.',
  })[home] ?? 'Move what both need to main/commands/.'

const isTest = (path: string): boolean => /\.test\.ts$|\/testing(-[\w-]+)?\.ts$|\/check-gradient\.ts$|\/fixtures\//.test(path)
const levelOf = (folder: string): number => engineOrder.findIndex((line) => line.includes(folder))
const engineFolder = (path: string): string => path.split('/')[1] ?? ''

function folderOf(path: string): string {
  const known = Object.keys(folders).toSorted((a, b) => b.length - a.length)
  return known.find((folder) => path.startsWith(`${folder}/`)) ?? path.split('/')[0] ?? ''
}

/** Imports and re-exports of a file, multi-line ones and dynamic ones of a literal path included. */
export function importsOf(from: string, source: string): Import[] {
  const statement = /^\s*(?:import|export)\s+(type\s+)?(?:[^'"`;=()]*?\sfrom\s+)?['"]([^'"]+)['"]/gm
  const dynamic = /\bimport\(\s*['"]([^'"]+)['"]\s*\)/g
  const resolve = (to: string) => (to.startsWith('.') ? join(dirname(from), to).replaceAll('\\', '/') : to)
  return [
    ...[...source.matchAll(statement)].map((match) => ({ from, to: resolve(match[2] ?? ''), typeOnly: match[1] !== undefined })),
    ...[...source.matchAll(dynamic)].map((match) => ({ from, to: resolve(match[1] ?? ''), typeOnly: false })),
  ]
}

/** Every import that the order forbids, one sentence each. */
export function layerProblems(root = join(import.meta.dirname, '..')): string[] {
  return ['engine', 'main', 'renderer', 'build'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && /\.(ts|svelte)$/.test(entry.name) && !entry.parentPath.includes('node_modules'))
      .map((entry) => join(entry.parentPath, entry.name))
      .sort()
      .flatMap((path) => importsOf(relative(root, path).replaceAll('\\', '/'), readFileSync(path, 'utf8')))
      .flatMap((one) => {
        const why = objection(one)
        return why ? [`${one.from} imports ${one.to}: ${why}`] : []
      }),
  )
}

if (process.argv[1] === import.meta.filename) {
  const problems = layerProblems()
  for (const problem of problems) console.error(problem)
  process.exitCode = problems.length > 0 ? 1 : 0
}
