// Indexes by name: maps whose types are those of their files.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..')

/** Folders whose files each export a function or constant of the file's own name. */
export const mapFolders = [
  {
    folder: 'main/operations/tools',
    list: 'toolOperations',
    type: 'ToolOperations',
    says: 'What the process does that opens files of strangers: calls into it are typed by this.',
  },
  {
    folder: 'main/operations/engine',
    list: 'engineOperations',
    type: 'EngineOperations',
    says: 'What the process does that trains and draws: calls into it are typed by this.',
  },
  {
    folder: 'main/remote/carriers',
    list: 'carriers',
    type: undefined,
    says: 'Operations that a queue takes: how the files of each travel.',
  },
  { folder: 'main/jobs/kinds', list: 'jobKinds', type: undefined, says: 'One kind of job a file.' },
] as const

const camelCase = (name: string): string => name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase())

/** A command is called as it lies: main/commands/datasets/set-caption.ts is `datasets.setCaption`. */
export function commandsIndex(): string {
  const folder = 'main/commands'
  const groups = readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []))
  const found = ['', ...groups.sort()].flatMap((group) =>
    sourceFiles(join(folder, group)).flatMap((file) => {
      const path = group === '' ? file : `${group}/${file}`
      const constant = /^export const (\w+) = (?:host|tools|engine)Command\(/m.exec(readFileSync(join(root, folder, path), 'utf8'))?.[1]
      const name = camelCase(path.slice(0, -'.ts'.length)).replace('/', '.')
      const local = camelCase(name.replace('.', '-')) + 'Command'
      return constant ? [{ path, name, constant, local }] : []
    }),
  )
  return [
    '// Written by build/write-indexes.ts; do not edit. Every command by the name that its file has.',
    ...found.map(({ path, constant, local }) => `import { ${constant} as ${local} } from './${path}'`),
    '',
    `export const commands = { ${found.map(({ name, local }) => `'${name}': ${local}`).join(', ')} }`,
    'export type Commands = typeof commands',
  ].join('\n')
}

/** By their names: the type of the map is that of its files. */
export function mapIndex({ folder, list, type, says }: (typeof mapFolders)[number]): string {
  const names = sourceFiles(folder).map((file) => ({ file, name: camelCase(file.slice(0, -'.ts'.length)) }))
  return [
    `// Written by build/write-indexes.ts; do not edit. ${says}`,
    ...names.map(({ file, name }) => `import { ${name} } from './${file}'`),
    '',
    `export const ${list} = { ${names.map(({ name }) => name).join(', ')} }`,
    ...(type ? [`export type ${type} = typeof ${list}`] : []),
  ].join('\n')
}

export function sourceFiles(folder: string): string[] {
  return readdirSync(join(root, folder))
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts') && file !== 'index.ts')
    .map((file) => file.slice(0, -'.ts'.length))
    .sort()
    .map((name) => `${name}.ts`)
}
