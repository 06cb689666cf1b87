// The engine names the fields of a request; whoever types a command line knows them by their flags.
import type { ErrorRecord } from '../../engine/requests/error.ts'
import type { Field } from './fields.ts'

/**
 * The same, with flags for the fields that are named: all of several words, and those of one that the facts name, too. Paths stay as they are, and so do
 * the keys of a recipe, which are no flags.
 */
export function inFlags({ message, ...record }: ErrorRecord, fields: readonly Pick<Field, 'key' | 'flag'>[]): ErrorRecord {
  if (record.code.startsWith('recipe-')) return { message, ...record }
  const flags = new Map(fields.filter(({ flag }) => flag.startsWith('--')).map(({ key, flag }) => [key, flag]))
  const named = new Set(Object.values(record.facts))
  const told = message.replace(/(?<![\w./\\-])("?)([a-z][A-Za-z]*)\1(?![\w/\\-]|\.\w)/g, (whole, quote: string, word: string) => {
    const field = /[A-Z]/.test(word) || (quote !== '' && named.has(word))
    return (field ? flags.get(word) : undefined) ?? whole
  })
  return { ...record, message: told }
}
