// Writes the index files of folders in which one file is one extension. Nobody edits those lists by hand.
import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..')

/** engine/ops: one operator a file, spelled as in the ONNX specification. */
export function opsIndex(): string {
  const ops = readdirSync(join(root, 'engine/ops'))
    .filter((file) => /^[A-Z]\w*\.ts$/.test(file))
    .map((file) => file.slice(0, -3))
    .sort()
  return [
    '// Written by build/write-indexes.ts; do not edit.',
    "import { registerOps } from '../graph/op.ts'",
    ...ops.map((op) => `import { ${op} } from './${op}.ts'`),
    '',
    'registerOps([',
    ...ops.map((op) => `  ${op},`),
    '])',
    '',
  ].join('\n')
}

if (process.argv[1] === import.meta.filename) writeFileSync(join(root, 'engine/ops/index.ts'), opsIndex())
