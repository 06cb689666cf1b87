// What is wrong with a request, in the words of the command line.
import type { z } from 'zod'
import { PigmentError } from '../../engine/requests/error.ts'
import type { Field } from './fields.ts'

/** The first faults of an input as one `usage` error. */
export function usageError(
  command: string,
  error: z.ZodError,
  fields: readonly Field[],
  given: Readonly<Record<string, unknown>>,
): PigmentError {
  const sentences = error.issues.map((issue) => {
    const field = fields.find(({ key }) => key === issue.path[0])
    const value = field && given[field.key]
    if (!field) return sentenceOf(issue)
    if (value === undefined)
      return `${field.kind === 'switch' || field.flag === field.placeholder ? field.flag : `${field.flag} ${field.placeholder}`} is missing.`
    return `${field.flag}: ${sentenceOf(issue)}${got(issue, value)}.`
  })
  const list = [...new Set(sentences)].slice(0, 5).join(' ')
  return new PigmentError('usage', `${list} See "pigment ${command} --help".`, {
    command,
    options: [...new Set(error.issues.map((issue) => String(issue.path[0] ?? '')))],
  })
}

type Issue = z.core.$ZodIssue

function sentenceOf(issue: Issue): string {
  switch (issue.code) {
    case 'too_small':
      if (issue.origin === 'string') return 'must not be empty'
      if (issue.origin === 'array') return `needs at least ${issue.minimum}`
      return `must be ${issue.inclusive ? 'at least' : 'more than'} ${issue.minimum}`
    case 'too_big':
      if (issue.origin === 'array') return `takes at most ${issue.maximum}`
      return `must be ${issue.inclusive ? 'at most' : 'less than'} ${issue.maximum}`
    case 'invalid_type':
      return issue.expected === 'int' ? 'must be a whole number' : `must be a ${issue.expected}`
    case 'invalid_value':
      return `must be one of ${issue.values.map(String).join(', ')}`
    case 'invalid_union': {
      // The readable fault is that of the textual form.
      const own = issue.errors.flat().find((inner) => inner.code === 'custom')
      return own?.message ?? issue.message
    }
    default:
      return issue.message
  }
}

function got(issue: Issue, value: unknown): string {
  if (issue.code === 'custom' || issue.code === 'invalid_union') return ''
  return typeof value === 'number' || (typeof value === 'string' && value !== '') ? `, got "${value}"` : ''
}
