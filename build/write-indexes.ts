// Writes the index files of folders in which one file is one extension. Nobody edits those lists by hand.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { format, resolveConfig } from 'prettier'

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
}

const listFolders: readonly ListFolder[] = [
  { folder: 'engine/samplers', type: 'Sampler', from: './sampler.ts', list: 'samplers', says: 'One sampler a file.' },
  {
    folder: 'engine/adapter-formats',
    type: 'AdapterFormat',
    from: './format.ts',
    list: 'adapterFormats',
    says: 'The formats, in the order in which a file is tried. Their marks exclude each other.',
  },
  {
    folder: 'engine/models/families',
    type: 'FamilyRules',
    from: '../family.ts',
    list: 'families',
    says: 'The families that a checkpoint is tried against.',
  },
]

/** Every index of the repository with the text that it must hold, by path from the root. */
export async function indexes(): Promise<Map<string, string>> {
  const written = new Map([['engine/ops/index.ts', opsIndex()]])
  for (const folder of listFolders) written.set(`${folder.folder}/index.ts`, listIndex(folder))
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

function listIndex({ folder, type, from, list, says }: ListFolder): string {
  const found = sourceFiles(folder).flatMap((file) => {
    const name = new RegExp(`^export const (\\w+): ${type}\\b`, 'm').exec(readFileSync(join(root, folder, file), 'utf8'))?.[1]
    return name ? [{ file, name }] : []
  })
  return [
    `// Written by build/write-indexes.ts; do not edit. ${says}`,
    `import type { ${type} } from '${from}'`,
    ...found.map(({ file, name }) => `import { ${name} } from './${file}'`),
    '',
    `export const ${list}: readonly ${type}[] = [${found.map(({ name }) => name).join(', ')}]`,
  ].join('\n')
}

function sourceFiles(folder: string): string[] {
  return readdirSync(join(root, folder))
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts') && file !== 'index.ts')
    .map((file) => file.slice(0, -'.ts'.length))
    .sort()
    .map((name) => `${name}.ts`)
}

/** Indexes whose file differs from what the folder holds. */
export async function staleIndexes(): Promise<string[]> {
  const stale: string[] = []
  for (const [path, text] of await indexes()) if (readFileSync(join(root, path), 'utf8').replaceAll('\r\n', '\n') !== text) stale.push(path)
  return stale
}

if (process.argv[1] === import.meta.filename) for (const [path, text] of await indexes()) writeFileSync(join(root, path), text)
