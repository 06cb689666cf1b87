// Documents and comments name files and folders of this repository: each must be there.
import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

const root = join(import.meta.dirname, '..')
const documents = ['*.md', 'docs/*.md', 'renderer/*.md', 'build/reference/*.md']
const sources = '{engine,main,renderer,build}/**/*.{ts,svelte}'
const apart = /(^|[/])(dist|bundle|node_modules|fixtures)[/]|[/]onnx_pb[.]/
/** Made by builds and runs. */
const made = /^(renderer[/]dist|main[/]bundle)/

const path = /(?<![\w/.@-])((?:engine|main|renderer|build|docs|assets)[/][\w./{},*<>-]*)/g
const link = /\]\((?!https?:)([^)#]+)/g

interface Named {
  readonly file: string
  readonly line: number
  readonly name: string
}

/** Paths that a text speaks of: of a document in backticks and links, of a source in its comments. */
export function namedIn(file: string, text: string): Named[] {
  const isDocument = file.endsWith('.md')
  return text.split('\n').flatMap((line, i) => {
    const said = isDocument
      ? [...line.matchAll(/`([^`]+)`/g)].map(([, words]) => words)
      : (/(?:^|\s)(?:[/][/]|[/]?[*]+|<!--)(?=\s)(.*)$/.exec(line)?.slice(1) ?? [])
    const paths = said.flatMap((words = '') => [...words.matchAll(path)].map(([, name = '']) => name.replace(/[.,*]+$/, '')))
    const links = isDocument ? [...line.matchAll(link)].map(([, to = '']) => join(dirname(file), to).replaceAll('\\', '/')) : []
    return [...paths, ...links].map((name) => ({ file, line: i + 1, name }))
  })
}

/** `<Name>` stands for any name: its folder must be there. `{a,b}` and `*` are those of a shell, and match something. */
function isThere(name: string): boolean {
  const [known = ''] = name.split(/[^/]*</)
  return (
    made.test(name) ||
    (known.includes('*') || known.includes('{')
      ? expanded(known).every((one) => globSync(one, { cwd: root }).length > 0)
      : existsSync(join(root, known)))
  )
}

function expanded(name: string): string[] {
  const group = /^(.*?)\{([^}]*)\}(.*)$/.exec(name)
  return group ? (group[2] ?? '').split(',').flatMap((one) => expanded(`${group[1]}${one}${group[3]}`)) : [name]
}

export function lostPaths(files: readonly Named[]): string[] {
  return files.filter(({ name }) => !isThere(name)).map(({ file, line, name }) => `${file}:${line} names ${name}, which is not there.`)
}

/** Of the whole repository. */
export function namedPathProblems(): string[] {
  const files = [...documents, sources].flatMap((pattern) => globSync(pattern, { cwd: root }))
  const read = files.map((file) => file.replaceAll('\\', '/')).filter((file) => !apart.test(file))
  return lostPaths(read.flatMap((file) => namedIn(file, readFileSync(join(root, file), 'utf8'))))
}
