// What the host and the engine tell: errors, reasons, lines of a log. In Chinese by their code; in English their own sentence, unless the catalogue has a plainer one.
import { isReason, toldReason, type Reason } from '../../engine/requests/reason.ts'
import type { Misfit } from '../../engine/requests/bounds.ts'
import { fill } from './fill.ts'
import { misfitWords } from './takes.ts'
import { languageNow, t, wordsFor } from './words.svelte.ts'
import { zhChoices } from './zh-choices.ts'
import { zhErrors } from './zh-errors.ts'
import { zhReasons } from './zh-reasons.ts'

interface Told {
  readonly code: string
  readonly message: string
  readonly facts?: Readonly<Record<string, unknown>>
}

/** An error for a person. */
export function errorWords({ code, message, facts = {} }: Told): string {
  const misfits = code === 'input-invalid' && Array.isArray(facts.misfits) ? (facts.misfits as Misfit[]) : []
  if (misfits.length > 0) return misfits.map(misfitWords).join(t('app.list-join'))
  return wordsFor(`error.${code}`, byCode(code, facts) ?? (message || t('error.heading')))
}

/** Why something is so. What a driver says itself, in its own language, is for `saidWords`. */
export const reasonWords = ({ code, message, facts }: Reason): string => byCode(code, facts, zhReasons) ?? message

/** The reason with what was said in another program's words, where there is any. */
export const saidWords = (reason: Reason): string | undefined => (toldReason(reason) === reason.message ? undefined : toldReason(reason))

/** What a choice of a field does and when to make it, which its own file says in English. */
export const choiceWhy = (field: string, choice: string, sentence: string): string =>
  (languageNow() === 'zh' && zhChoices[`${field}.${choice}`]) || sentence

/** A block of strengths: the network's own name for it, or a word where it has none. */
export const blockTitle = (block: string): string =>
  block === '' ? t('clash.block.none') : block === 'BASE' ? t('clash.block.text') : block

/** A line of a job's log: by its code where that is known. */
export const lineWords = ({
  code = '',
  text,
  facts = {},
}: {
  readonly code?: string
  readonly text: string
  readonly facts?: Told['facts']
}): string => (languageNow() === 'en' ? text : wordsFor(`jobs.log.${code}`, byCode(code, facts) ?? text))

/** The Chinese sentence of a code with the facts in its blanks. A clause whose fact is not there is left out. */
function byCode(code: string, facts: Readonly<Record<string, unknown>>, sentences = zhErrors): string | undefined {
  const said = languageNow() === 'zh' ? sentences[code] : undefined
  const clauses = said?.match(/[^。]*。?/g) ?? []
  const values = Object.fromEntries(
    Object.entries(facts).flatMap(([name, value]) => {
      const words = factWords(value)
      return words === undefined ? [] : [[name, words]]
    }),
  )
  const whole = clauses.filter((clause) => [...clause.matchAll(/\{(\w+)/g)].every(([, name = '']) => name in values))
  return whole.length > 0 ? fill(whole.join(''), values, 'zh-CN') || undefined : undefined
}

/** Names, numbers and reasons, one or several; undefined for what is not for people. */
function factWords(value: unknown): string | number | undefined {
  if (typeof value === 'string' || typeof value === 'number') return value
  if (isReason(value)) return reasonWords(value)
  if (!Array.isArray(value) || value.length === 0) return undefined
  const words = (value as unknown[]).map((one) => (Array.isArray(one) ? undefined : factWords(one)))
  return words.includes(undefined) ? undefined : words.join('、')
}
