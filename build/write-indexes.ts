// Writes the index files of folders in which one file is one extension. Nobody edits those lists by hand.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { format, resolveConfig } from 'prettier'
import { commandsIndex, mapFolders, mapIndex, sourceFiles } from './index-maps.ts'
import { foreignFormats } from '../engine/images/formats/foreign.ts'
import { listFolders, trainingNames, type ListFolder } from './list-folders.ts'

const root = join(import.meta.dirname, '..')

/** Every index of the repository with the text that it must hold, by path from the root. */
export async function indexes(): Promise<Map<string, string>> {
  const written = new Map([['engine/ops/index.ts', opsIndex()]])
  for (const folder of listFolders) written.set(`${folder.folder}/index.ts`, listIndex(folder))
  for (const [path, folders] of Map.groupBy(listFolders, ({ namesIn }) => namesIn ?? trainingNames)) written.set(path, namesList(folders))
  written.set('engine/requests/adapter-formats.ts', adapterFormatList())
  written.set('engine/requests/picture-files.ts', pictureFiles())
  written.set('main/commands/index.ts', commandsIndex())
  for (const folder of mapFolders) written.set(`${folder.folder}/index.ts`, mapIndex(folder))
  written.set('engine/choices.ts', choicesList(listFolders))
  const options = await resolveConfig(join(root, 'package.json'))
  for (const [path, text] of written) written.set(path, await format(text, { ...options, filepath: path }))
  return written
}

/** engine/ops: one operator a file, spelled as in the ONNX specification. */
function opsIndex(): string {
  const ops = sourceFiles('engine/ops')
    .filter((file) => /^[A-Z]\w*\.ts$/.test(file))
    .map((file) => file.slice(0, -3))
  return [
    '// Written by build/write-indexes.ts; do not edit.',
    "import { registerOps } from '../graph/op.ts'",
    ...ops.map((op) => `import { ${op} } from './${op}.ts'`),
    '',
    `registerOps([${ops.join(', ')}])`,
  ].join('\n')
}

/** Plain data sees no code: it has the names. */
function namesList(folders: readonly ListFolder[]): string {
  const lists = folders.flatMap((folder) => {
    if (!folder.names) return []
    const names = chosenOf(folder).map(({ file, text }) => {
      if (folder.facts) return factsIn(folder, file, text)
      const name = /^ {2}name: ('[^']+'),$|\{ name: ('[^']+'),/m.exec(text)
      if (!name) throw new Error(`${folder.folder}/${file} has no name. Give its ${folder.type} one: "name: '…',".`)
      return name[1] ?? name[2]
    })
    return [`export const ${folder.names} = [${names.join(', ')}] as const`]
  })
  const says = folders.some(({ namesIn }) => namesIn) ? folders.map((folder) => folder.says).join(' ') : 'What a training request may name.'
  return [`// Written by build/write-indexes.ts; do not edit. ${says}`, ...lists].join('\n')
}

function factsIn({ folder, facts = [], type }: ListFolder, file: string, text: string): string {
  const said = facts.map((fact) => {
    const value = new RegExp(`^ {2}${fact}: ('[^']+'),$`, 'm').exec(text)?.[1]
    if (value === undefined) throw new Error(`${folder}/${file} has no ${fact}. Give its ${type} one, in a line of its own.`)
    return `${fact}: ${value}`
  })
  return `{ ${said.join(', ')} }`
}

/** Which list each field of a request chooses from. */
function choicesList(folders: readonly ListFolder[]): string {
  const chosen = folders.flatMap(({ folder, list, names, namesIn, chosen, field = namesIn ? undefined : names?.replace(/Names$/, '') }) =>
    field ? { folder, list: chosen?.list ?? list, field } : [],
  )
  return [
    '// Written by build/write-indexes.ts; do not edit. What a field of a request chooses from: a folder in which one file is one choice.',
    "import type { Choice } from './requests/own-options.ts'",
    ...chosen.map(({ folder, list }) => `import { ${list} } from './${folder.replace(/^engine[/]/, '')}/index.ts'`),
    '',
    `export const choices: Readonly<Record<string, readonly Choice[]>> = { ${chosen.map(({ field, list }) => `${field}: ${list}`).join(', ')} }`,
  ].join('\n')
}

/**
 * Requests and screens see no code: they have what an export is chosen by and adapters are known by. The usual format comes first, and one that is
 * only read says no use. Of folders those with a config come first: it tells more than what may lie beside it.
 */
function adapterFormatList(): string {
  const formats = listFolders.find(({ type }) => type === 'AdapterFormat')
  const texts = (formats ? membersOf(formats) : []).map(({ text }) => text)
  const exported = texts.flatMap((text) => {
    const facts = ['name', 'container', 'use'].map((key) => [key, new RegExp(`^ {2}${key}: ('[^']+'),$`, 'm').exec(text)?.[1]] as const)
    if (facts.some(([, value]) => value === undefined)) return []
    return { usual: /^ {2}usual: true,$/m.test(text), text: `{ ${facts.map(([key, value]) => `${key}: ${value}`).join(', ')} }` }
  })
  const folders = texts.flatMap((text) => /^ {2}folder: (\{[^{}]*\}),$/m.exec(text)?.[1] ?? [])
  const first = <T>(list: readonly T[], isFirst: (one: T) => boolean): T[] => [
    ...list.filter(isFirst),
    ...list.filter((one) => !isFirst(one)),
  ]
  return [
    '// Written by build/write-indexes.ts; do not edit. What adapters are exported in, the usual format first, and the folders that hold them.',
    "import type { AdapterFolder } from './export.ts'",
    '',
    `export const exportFormats = [${first(exported, ({ usual }) => usual)
      .map(({ text }) => text)
      .join(', ')}] as const`,
    '',
    `export const adapterFolders: readonly AdapterFolder[] = [${first(folders, (text) => text.includes('config:')).join(', ')}]`,
  ].join('\n')
}

/** What screens know of pictures' files: how the formats are called, and what files end in. */
function pictureFiles(): string {
  const formats = listFolders.filter(({ list }) => list === 'pictureFormats').flatMap(membersOf)
  const read = formats.map(({ file, text }) => {
    const [title, place, endings] = [/^ {2}title: ('.*'),$/m, /^ {2}place: (\d+),$/m, /^ {2}endings: \[(.*)\],$/m].map(
      (said) => said.exec(text)?.[1],
    )
    if (!title || !place || !endings) throw new Error(`engine/images/formats/${file} has no title, place or endings in a line each.`)
    return { title, place: Number(place), endings, recalled: text.includes('\n  recalled: true,') }
  })
  read.sort((a, b) => a.place - b.place)
  const counted = foreignFormats.flatMap(({ counts, endings }) => (counts ? endings.map((ending) => `'${ending}'`) : []))
  return [
    '// Written by build/write-indexes.ts; do not edit. The formats of pictures that are read, and what their files end in.',
    `export const pictureTitles = [${read.map(({ title }) => title).join(', ')}] as const`,
    `export const pictureEndings = [${[...read.map(({ endings }) => endings), ...counted].join(', ')}] as const`,
    '/** Of those that may say how they were made. */',
    `export const recalledEndings = [${read.flatMap(({ endings, recalled }) => (recalled ? endings : [])).join(', ')}] as const`,
  ].join('\n')
}

interface Member {
  readonly file: string
  readonly name: string
  readonly type: string
  readonly text: string
}

/** Those from which requests choose. */
const chosenOf = (folder: ListFolder): Member[] => membersOf(folder).filter(({ type }) => !folder.chosen || type === folder.chosen.type)

function membersOf({ folder, type, chosen, inFolders }: ListFolder): Member[] {
  const types = [type, ...(chosen ? [chosen.type] : [])].join('|')
  const files = inFolders ? foldersWith(folder, inFolders) : sourceFiles(folder)
  return files.flatMap((file) => {
    const text = readFileSync(join(root, folder, file), 'utf8')
    const [, name, own] = new RegExp(`^export const (\\w+): (${types})\\b`, 'm').exec(text) ?? []
    return name && own ? [{ file, name, type: own, text }] : []
  })
}

/** The text of an index, of a folder by its path from the root. */
export function listIndex(folder: ListFolder): string {
  const { type, from, list, says, chosen } = folder
  const found = membersOf(folder)
  return [
    `// Written by build/write-indexes.ts; do not edit. ${says}`,
    `import type { ${[type, ...(chosen ? [chosen.type] : [])].join(', ')} } from '${from}'`,
    ...found.map(({ file, name }) => `import { ${name} } from './${file}'`),
    '',
    `export const ${list}: readonly ${type}[] = [${found.map(({ name }) => name).join(', ')}]`,
    ...(chosen
      ? [
          `export const ${chosen.list}: readonly ${chosen.type}[] = [${chosenOf(folder)
            .map(({ name }) => name)
            .join(', ')}]`,
        ]
      : []),
  ].join('\n')
}

function foldersWith(folder: string, file: string): string[] {
  return readdirSync(join(root, folder))
    .filter((name) => existsSync(join(root, folder, name, file)))
    .sort()
    .map((name) => `${name}/${file}`)
}

/** Indexes whose file differs from what the folder holds. */
export async function staleIndexes(): Promise<string[]> {
  const stale: string[] = []
  for (const [path, text] of await indexes()) if (readFileSync(join(root, path), 'utf8').replaceAll('\r\n', '\n') !== text) stale.push(path)
  return stale
}

if (process.argv[1] === import.meta.filename) for (const [path, text] of await indexes()) writeFileSync(join(root, path), text)
