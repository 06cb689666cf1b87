// The files in which settings of sd-scripts lie: a configuration (`--config_file`), a data set (`--dataset_config`), and the command line that people
// keep in a .sh or .bat. Reference: library/train_util.py read_config_from_file, library/config_util.py.
import type { Table } from '../toml.ts'

export interface CommandLine {
  /** `train_network`, without its ending. */
  readonly script: string
  readonly options: Table
}

/** Options that take several words. */
const lists = /^(network_args|optimizer_args|lr_scheduler_args|text_encoder_lr|base_weights|base_weights_multiplier)$/

/** The first command that runs a script for training; undefined where there is none. */
export function readCommandLine(text: string): CommandLine | undefined {
  const variables = new Map<string, string>()
  for (const words of commandsIn(text)) {
    for (const one of words) {
      const [, name, value] = /^([A-Za-z_]\w*)=(.*)$/s.exec(one) ?? []
      if (name !== undefined && value !== undefined) variables.set(name, filled(value, variables))
    }
    const at = words.findIndex((one) => /(^|[\\/])\w*train\w*\.py$/i.test(one))
    if (at < 0) continue
    const script = (words[at] ?? '').split(/[\\/]/).at(-1)?.replace(/\.py$/i, '') ?? ''
    return { script, options: optionsIn(words.slice(at + 1).map((one) => filled(one, variables))) }
  }
  return undefined
}

/** Lines that go on behind \, ^ or ` are one; what a shell takes for a remark is passed over. */
function commandsIn(text: string): string[][] {
  return text
    .replace(/[\\^`][ \t]*\r?\n/g, ' ')
    .split(/\r?\n|&&|;(?=\s)/)
    .filter((line) => !/^\s*(#|::|@?rem\b)/i.test(line))
    .map((line) =>
      wordsIn(line)
        .map((one) => one.replace(/^(export|set|\$env:)$/i, ''))
        .filter(Boolean),
    )
    .filter((words) => words.length > 0)
}

/** Words as shells part them; quotes belong to none. */
function wordsIn(line: string): string[] {
  const words: string[] = []
  for (const [whole] of line.matchAll(/(?:"(?:[^"\\]|\\.)*"|'[^']*'|[^\s"'])+/g))
    words.push(
      whole.replace(/"((?:[^"\\]|\\.)*)"|'([^']*)'/g, (_, double?: string, single?: string) =>
        (double ?? single ?? '').replace(/\\(["$`])/g, '$1'),
      ),
    )
  const end = words.findIndex((one) => one.startsWith('#'))
  return end < 0 ? words : words.slice(0, end)
}

const filled = (value: string, variables: ReadonlyMap<string, string>): string =>
  value.replace(/\$\{(\w+)\}|\$(\w+)|%(\w+)%/g, (whole, ...names: (string | undefined)[]) => {
    const name = names.slice(0, 3).find((one) => one !== undefined)
    return (name !== undefined && variables.get(name)) || whole
  })

function optionsIn(words: readonly string[]): Table {
  const options: Record<string, unknown> = {}
  for (let i = 0; i < words.length; i++) {
    const [, name, own] = /^--([\w-]+)(?:=(.*))?$/s.exec(words[i] ?? '') ?? []
    if (name === undefined) continue
    const values = own === undefined ? [] : [own]
    while (own === undefined && i + 1 < words.length && !/^--\w/.test(words[i + 1] ?? '')) values.push(words[++i] ?? '')
    const key = name.replaceAll('-', '_')
    options[key] = values.length === 0 ? true : lists.test(key) || values.length > 1 ? values : values[0]
  }
  return options
}

/** Sections are for the eye: their keys count as if they stood alone. */
export function flattened(table: Table): Table {
  return Object.fromEntries(
    Object.entries(table).flatMap(([key, value]) =>
      typeof value === 'object' && value !== null && !Array.isArray(value) && key !== 'general'
        ? Object.entries(value)
        : [[key, value] as const],
    ),
  )
}

/** A folder of a data set with everything that holds for it. */
export interface Subset {
  readonly settings: Table
  readonly isClass: boolean
}

/** What a subset does not say its data set says, then `[general]`, then the command line. */
export function subsetsOf(
  { general = {}, datasets = [] }: { readonly general?: Table; readonly datasets?: readonly Table[] },
  around: Table,
): Subset[] {
  return datasets.flatMap(({ subsets, ...dataset }) =>
    (Array.isArray(subsets) ? (subsets as Table[]) : []).map((own) => ({
      settings: { ...around, ...general, ...dataset, ...own },
      isClass: own.is_reg === true,
    })),
  )
}
