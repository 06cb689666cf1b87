import { byteSize } from '../../engine/requests/byte-size.ts'
import { PigmentError } from '../../engine/requests/error.ts'
import { totalOf, type Plan } from './plan.ts'

/** Nothing is fetched before its licence was shown and accepted. */
export function licenceRefused(plan: Pick<Plan, 'title' | 'licence' | 'files' | 'page' | 'link'>): PigmentError {
  const { title, licence, page, link } = plan
  const bytes = totalOf(plan)
  const size = bytes === undefined ? '' : ` (${byteSize(bytes)})`
  const says = licence.sentence ? ` ${licence.sentence}` : ''
  const under = licence.name
    ? `is given under the licence ${licence.name}, which stands at ${licence.link}.${says}`
    : `comes without a word about its licence. Read ${licence.link}.`
  return new PigmentError('licence-not-accepted', `"${title}"${size} ${under} Accept it to fetch it (pigment fetch … --accept).`, {
    title,
    licence: licence.name,
    where: licence.link,
    page,
    link,
    ...(licence.sentence ? { sentence: licence.sentence } : {}),
    ...(bytes === undefined ? {} : { bytes }),
  })
}
