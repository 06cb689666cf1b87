import { PigmentError } from '../../../engine/requests/error.ts'
import { safeName } from '../../stores/safe-name.ts'
import { ask } from '../ask.ts'
import { decoded } from '../decoded.ts'
import { shown } from '../failures.ts'
import { isPickle, isSafetensors, onlyPickles, type FetchSource } from '../plan.ts'

/** Keys that stand in links. Those of a signature, which end by themselves, are another thing. */
const secret = /^(token|access_?token|api_?key|auth|authorization|password|secret)$/i

/** Any https address of a .safetensors file. */
export const anyLink: FetchSource = {
  name: 'link',
  title: 'A link',
  place: 9,

  reads(given, { plain }) {
    const url = URL.parse(given)
    if (!url || (url.protocol !== 'https:' && !(url.protocol === 'http:'))) return undefined
    if (url.protocol === 'http:' && !plain.includes(url.origin)) return given
    const found = [...url.searchParams.keys()].find((key) => secret.test(key))
    if (found !== undefined || url.username || url.password)
      throw new PigmentError(
        'fetch-link-secret',
        `The link to "${url.host}" holds a key (${found ?? 'a name or password'}). Take it out: links are kept in lists and logs.`,
        { host: url.host, key: found ?? '' },
      )
    url.hash = ''
    return url.href
  },

  /** Asks for the first byte: that tells name and size, also where nothing but GET is answered. */
  async plan(link, network, signal) {
    const page = shown(link)
    const about = { site: this.name, page, tokens: undefined }
    const { response, end } = await ask({ ...about, url: link, headers: { range: 'bytes=0-0' }, signal, also: [416] }, network)
    end()
    const { headers } = response
    const name = safeName(nameIn(headers.get('content-disposition')) ?? decoded(new URL(link).pathname.split('/').at(-1) ?? ''))
    if (isPickle(name)) throw onlyPickles(page, [name])
    if (!isSafetensors(name))
      throw new PigmentError('fetch-nothing', `"${page}" is no .safetensors file ("${name}"). Use the link of the file itself.`, {
        repo: page,
        page,
        name,
      })
    const ranged = /^bytes \d+-\d+\/(\d+)$/.exec(headers.get('content-range') ?? '')?.[1]
    const length = response.status === 200 ? (headers.get('content-length') ?? undefined) : undefined
    const bytes = Number(ranged ?? length ?? NaN)
    return {
      ...about,
      link,
      title: name.replace(/\.safetensors$/i, ''),
      name,
      files: [{ path: name, url: link, ...(Number.isSafeInteger(bytes) && bytes > 0 ? { bytes } : {}) }],
      licence: { name: '', link: page },
      gated: false,
      beside: {},
    }
  },
}

/** `filename*` of RFC 5987 before `filename`; folders in it count for nothing. */
function nameIn(disposition: string | null): string | undefined {
  const extended = /filename\*\s*=\s*UTF-8''([^;]+)/i.exec(disposition ?? '')?.[1]
  const plain = /filename\s*=\s*(?:"([^"]*)"|([^;]+))/i.exec(disposition ?? '')
  const name = extended === undefined ? (plain?.[1] ?? plain?.[2]) : decoded(extended)
  return name?.trim().split(/[\\/]/).at(-1) || undefined
}
