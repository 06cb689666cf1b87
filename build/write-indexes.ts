// Writes the index files of folders in which one file is one extension. Nobody edits those lists by hand.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { format, resolveConfig } from 'prettier'
import { commandsIndex, mapFolders, mapIndex, sourceFiles } from './index-maps.ts'
import { foreignFormats } from '../engine/images/formats/foreign.ts'

const root = join(import.meta.dirname, '..')

/** A folder whose files each export one constant of a known type. */
interface ListFolder {
  readonly folder: string
  readonly type: string
  /** The module that declares the type, as seen from the folder. */
  readonly from: string
  /** Name of the list. */
  readonly list: string
  readonly says: string
  /** Name of the list of their names: where requests choose from it, `courseNames` for a field `course`. */
  readonly names?: string
  /** Where that list stands, if not among what requests choose from. */
  readonly namesIn?: string
  /** An extension is a folder with this file in it. */
  readonly inFolders?: string
  /** The field of a request that chooses from it, where it takes other names too. */
  readonly field?: string
}

/** Where requests choose from. */
const trainingNames = 'engine/requests/training-names.ts'

export const listFolders: readonly ListFolder[] = [
  { folder: 'engine/samplers', type: 'Sampler', from: './sampler.ts', list: 'samplers', says: 'One sampler a file.', field: 'sampler' },
  { folder: 'engine/conditions', type: 'Condition', from: './condition.ts', list: 'conditions', says: 'One condition a file.' },
  { folder: 'engine/guidance/guides', type: 'Guide', from: '../guide.ts', list: 'guides', says: 'One guide a file.' },
  {
    folder: 'engine/images/formats',
    type: 'PictureFormat',
    from: './format.ts',
    list: 'pictureFormats',
    says: 'One format of pictures a file.',
  },
  {
    folder: 'engine/adapter-formats',
    type: 'AdapterFormat',
    from: './format.ts',
    list: 'adapterFormats',
    says: 'The formats, in the order in which a file is tried. Their marks exclude each other.',
  },
  {
    folder: 'engine/adapters/variants',
    type: 'AdapterVariant',
    from: './variant.ts',
    list: 'variants',
    says: 'One adapter variant a file.',
    names: 'variantNames',
  },
  {
    folder: 'engine/models/families',
    type: 'ModelFamily',
    from: '../family.ts',
    list: 'families',
    says: 'The families that a checkpoint is tried against.',
    names: 'familyNames',
    namesIn: 'engine/checkpoint/family-names.ts',
    inFolders: 'family.ts',
  },
  {
    folder: 'engine/weights',
    type: 'WeightCodec',
    from: './codec.ts',
    list: 'weightCodecs',
    says: 'One way of keeping frozen weights a file.',
    names: 'baseWeightsNames',
  },
  {
    folder: 'engine/training/methods',
    type: 'TrainingMethod',
    from: './method.ts',
    list: 'methods',
    says: 'One method a file.',
    names: 'methodNames',
  },
  {
    folder: 'engine/training/optimizers',
    type: 'Optimizer',
    from: './optimizer.ts',
    list: 'optimizers',
    says: 'One optimizer a file.',
    names: 'optimizerNames',
  },
  {
    folder: 'engine/training/loss-weights',
    type: 'LossWeight',
    from: './loss-weight.ts',
    list: 'lossWeights',
    says: 'One loss weight a file.',
    names: 'lossWeightNames',
  },
  {
    folder: 'engine/training/courses',
    type: 'Course',
    from: './course.ts',
    list: 'courses',
    says: 'One course a file.',
    names: 'courseNames',
  },
  {
    folder: 'engine/training/timestep-draws',
    type: 'TimestepDraw',
    from: './timestep-draw.ts',
    list: 'timestepDraws',
    says: 'One draw of timesteps a file.',
    names: 'timestepDrawNames',
  },
]

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
    const names = membersOf(folder).map(({ file, text }) => {
      const name = /^ {2}name: ('[^']+'),$|\{ name: ('[^']+'),/m.exec(text)
      if (!name) throw new Error(`${folder.folder}/${file} has no name. Give its ${folder.type} one: "name: '…',".`)
      return name[1] ?? name[2]
    })
    return [`export const ${folder.names} = [${names.join(', ')}] as const`]
  })
  const says = folders.some(({ namesIn }) => namesIn) ? folders.map((folder) => folder.says).join(' ') : 'What a training request may name.'
  return [`// Written by build/write-indexes.ts; do not edit. ${says}`, ...lists].join('\n')
}

/** Which list each field of a request chooses from. */
function choicesList(folders: readonly ListFolder[]): string {
  const chosen = folders.flatMap(({ folder, list, names, namesIn, field = namesIn ? undefined : names?.replace(/Names$/, '') }) =>
    field ? { folder, list, field } : [],
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

function membersOf({ folder, type, inFolders }: ListFolder): { file: string; name: string; text: string }[] {
  const files = inFolders ? foldersWith(folder, inFolders) : sourceFiles(folder)
  return files.flatMap((file) => {
    const text = readFileSync(join(root, folder, file), 'utf8')
    const name = new RegExp(`^export const (\\w+): ${type}\\b`, 'm').exec(text)?.[1]
    return name ? [{ file, name, text }] : []
  })
}

/** The text of an index, of a folder by its path from the root. */
export function listIndex(folder: ListFolder): string {
  const { type, from, list, says } = folder
  const found = membersOf(folder)
  return [
    `// Written by build/write-indexes.ts; do not edit. ${says}`,
    `import type { ${type} } from '${from}'`,
    ...found.map(({ file, name }) => `import { ${name} } from './${file}'`),
    '',
    `export const ${list}: readonly ${type}[] = [${found.map(({ name }) => name).join(', ')}]`,
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
