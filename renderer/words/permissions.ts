// What a licence asks for, in words: a known one's sentence, or what CivitAI says that it allows.
import type { OfferedLicence } from '../../main/api/methods/fetching.ts'
import type { BesideAdapter } from '../../main/api/methods/library.ts'
import { languageNow, t, type Key } from './words.svelte.ts'
import { zhLicences } from './zh-licences.ts'

/** Of the flags beside an adapter; empty where none is set. */
export function permissionWords({ noCredit, derivatives, otherLicence, commercial }: NonNullable<BesideAdapter['licence']>): string {
  const flag = (value: boolean | undefined, yes: Key, no: Key): string[] => (value === undefined ? [] : [t(value ? yes : no)])
  return [
    ...flag(noCredit, 'adapters.licence.no-credit', 'adapters.licence.credit'),
    ...flag(derivatives, 'adapters.licence.merges', 'adapters.licence.no-merges'),
    ...flag(otherLicence, 'adapters.licence.other', 'adapters.licence.same'),
    ...(commercial ? [t('adapters.licence.commercial', { uses: commercial.join(', ') })] : []),
  ].join('; ')
}

export const licenceWords = ({ id, sentence, permissions }: OfferedLicence): string =>
  permissions ? permissionWords(permissions) : (languageNow() === 'zh' && id !== undefined && zhLicences[id]) || (sentence ?? '')
