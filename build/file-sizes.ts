// How long the files are that people write: the words of the screens, generated files, tests and fixtures apart.
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..')
const sources = '{engine,main,renderer,build}/**/*.{ts,mjs,svelte}'
const apart = /(^|[/])(dist|bundle|fixtures|node_modules)[/]|[.]test[.]ts$|[/]testing[^/]*$|^renderer[/]words[/](en|zh)|[/]onnx_pb[.]/
const written = /^[/][/] Written by build[/]write-indexes[.]ts/

/** Lines: the median file, that which nine of ten are not longer than, and the longest. */
export const bars = { median: 70, ninth: 160, longest: 300 }

export interface FileSizes {
  readonly count: number
  readonly median: number
  readonly ninth: number
  readonly longest: number
}

interface Source {
  readonly path: string
  readonly lines: number
}

export function sourceSizes(): Source[] {
  return globSync(sources, { cwd: root })
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => !apart.test(path))
    .flatMap((path) => {
      const text = readFileSync(join(root, path), 'utf8')
      return written.test(text) ? [] : [{ path, lines: text.split('\n').length - 1 }]
    })
}

/** Of a sorted list the value below which `share` of it lies. */
const quantile = (sorted: readonly number[], share: number): number => sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0

export function fileSizes(files: readonly Source[]): FileSizes {
  const sorted = files.map(({ lines }) => lines).sort((a, b) => a - b)
  return { count: sorted.length, median: quantile(sorted, 0.5), ninth: quantile(sorted, 0.9), longest: sorted.at(-1) ?? 0 }
}

/** What is longer than it may be, one sentence each. */
export function sizeProblems(files: readonly Source[]): string[] {
  const { median, ninth } = fileSizes(files)
  const long = files.filter(({ lines }) => lines > bars.longest)
  return [
    ...(median > bars.median
      ? [`The median file has ${median} lines, and may have ${bars.median}. Find the second noun in long files.`]
      : []),
    ...(ninth > bars.ninth
      ? [`A file in ten is longer than ${ninth} lines; ${bars.ninth} are allowed. Find the second noun in long files.`]
      : []),
    ...long.map(({ path, lines }) => `${path} has ${lines} lines, and may have ${bars.longest}. Find its second noun.`),
  ]
}
