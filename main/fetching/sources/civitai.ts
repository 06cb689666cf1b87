import { z } from 'zod'
import { PigmentError } from '../../../engine/requests/error.ts'
import type { OfferedLicence } from '../../api/methods/fetching.ts'
import { civitaiInfo } from '../../operations/beside/civitai-info.ts'
import { safeName } from '../../stores/safe-name.ts'
import { askJson } from '../ask.ts'
import type { About } from '../failures.ts'
import { onlyPickles, type FetchSource, type Plan } from '../plan.ts'

const file = z.object({
  id: z.number(),
  name: z.string(),
  sizeKB: z.number().nullish(),
  type: z.string().nullish(),
  primary: z.boolean().nullish(),
  metadata: z.looseObject({ format: z.string().nullish(), fp: z.string().nullish(), size: z.string().nullish() }).nullish(),
  hashes: z.looseObject({ SHA256: z.string().nullish() }).nullish(),
  downloadUrl: z.string(),
})
/** An answer of `/api/v1/model-versions/N`. Source: github.com/civitai/civitai, docs of the REST API. */
const version = z.looseObject({
  id: z.number(),
  modelId: z.number(),
  name: z.string(),
  baseModel: z.string().nullish(),
  trainedWords: z.array(z.string()).nullish().catch([]),
  files: z.array(file),
})
/** Of `/api/v1/models/N`. */
const model = z.looseObject({
  id: z.number(),
  name: z.string(),
  description: z.string().nullish(),
  type: z.string().nullish(),
  tags: z.array(z.string()).nullish().catch([]),
  creator: z.looseObject({ username: z.string().nullish() }).nullish(),
  allowNoCredit: z.boolean().nullish(),
  allowCommercialUse: z.union([z.string(), z.array(z.string())]).nullish(),
  allowDerivatives: z.boolean().nullish(),
  allowDifferentLicense: z.boolean().nullish(),
  modelVersions: z.array(z.looseObject({ id: z.number() })).catch([]),
})
type Model = z.output<typeof model>

const written = (of: 'version' | 'model', id: string): string => `civitai:${of}:${id}`
const spoken = /^civitai:(version|model):(\d{1,12})$/
/** `urn:air:sdxl:lora:civitai:328553@368189` */
const air = /^urn:air:[\w-]+:[\w-]+:civitai:(\d{1,12})(?:@(\d{1,12}))?$/i

/** The address of a model's page, of a version's file, or the number of either. */
export const civitai: FetchSource = {
  name: 'civitai',
  title: 'CivitAI',
  place: 2,
  tokens: 'https://civitai.com/user/account',

  reads(given, { civitai: base }) {
    if (spoken.test(given)) return given
    const [, airModel, airVersion] = air.exec(given) ?? []
    if (airModel) return airVersion ? written('version', airVersion) : written('model', airModel)
    const url = URL.parse(given)
    if (!url || !(url.origin === new URL(base).origin || /^(www\.)?civitai\.(com|red|green)$/.test(url.hostname))) return undefined
    const [, direct] =
      /^\/api\/download\/models\/(\d{1,12})\/?$/.exec(url.pathname) ?? /^\/api\/v1\/model-versions\/(\d{1,12})\/?$/.exec(url.pathname) ?? []
    // What else stands in the link, such as a token, is left behind.
    const chosen = direct ?? /^\d{1,12}$/.exec(url.searchParams.get('modelVersionId') ?? '')?.[0]
    if (chosen) return written('version', chosen)
    const [, page] = /^\/models\/(\d{1,12})(\/|$)/.exec(url.pathname) ?? []
    return page === undefined ? undefined : written('model', page)
  },

  async plan(link, network, signal) {
    const [, of = '', id = ''] = spoken.exec(link) ?? []
    const base = network.hubs.civitai
    const about = (page: string): About => ({ site: this.name, page, tokens: this.tokens })
    const get = async <Schema extends z.ZodType>(path: string, schema: Schema, page: string): Promise<z.output<Schema>> => {
      const { json } = await askJson({ ...about(page), url: `${base}/api/v1/${path}`, signal }, network)
      const parsed = schema.safeParse(json)
      if (parsed.success) return parsed.data
      throw new PigmentError(
        'fetch-answer',
        `"${page}" is told in a way that is not understood. Open it in a browser, and fetch the file by hand.`,
        { where: page, page, reason: parsed.error.issues[0]?.message ?? '' },
      )
    }
    const byModel = of === 'model' ? await get(`models/${id}`, model, `${base}/models/${id}`) : undefined
    const wanted = byModel ? byModel.modelVersions[0]?.id : Number(id)
    if (wanted === undefined)
      throw new PigmentError('fetch-nothing', `"${base}/models/${id}" has no version that can be fetched. Choose another model.`, {
        repo: link,
        page: `${base}/models/${id}`,
      })
    const said = await get(`model-versions/${wanted}`, version, `${base}/models/${byModel?.id ?? ''}?modelVersionId=${wanted}`)
    const page = `${base}/models/${said.modelId}?modelVersionId=${said.id}`
    const whole = byModel ?? (await get(`models/${said.modelId}`, model, page))
    const chosen = chooseFile(said.files, page)
    const sha256 = chosen.hashes?.SHA256?.toLowerCase()
    const words = (said.trainedWords ?? []).filter((word) => word.trim() !== '')
    const { modelVersions: _others, ...facts } = whole
    const { files: _files, images: _images, ...rest } = said
    return {
      ...about(page),
      link: written('version', String(said.id)),
      title: `${whole.name} · ${said.name}`.slice(0, 200),
      name: safeName(chosen.name),
      files: [
        {
          path: safeName(chosen.name),
          url: own(chosen.downloadUrl, said.id, base),
          // It tells kilobytes: what the server says counts.
          ...(chosen.sizeKB ? { roughly: Math.round(chosen.sizeKB * 1024) } : {}),
          ...(sha256 !== undefined && /^[0-9a-f]{64}$/.test(sha256) ? { hash: { algorithm: 'sha256', value: sha256 } as const } : {}),
        },
      ],
      licence: licenceOf(whole, page),
      gated: false,
      ...(said.baseModel ? { base: said.baseModel } : {}),
      ...(words.length > 0 ? { words } : {}),
      beside: {
        '.civitai.info': {
          ...rest,
          model: { ...facts, ...(typeof rest.model === 'object' ? rest.model : {}) },
          ...(whole.creator ? { creator: whole.creator } : {}),
        },
      },
    } satisfies Plan
  },
}

/** An address of the API's own, whatever it says: the token goes there. */
function own(downloadUrl: string, version: number, base: string): string {
  const usual = new URL(`${base}/api/download/models/${version}`)
  const told = URL.parse(downloadUrl)
  if (told?.pathname === usual.pathname)
    for (const key of ['type', 'format', 'size', 'fp'])
      if (told.searchParams.has(key)) usual.searchParams.set(key, told.searchParams.get(key) ?? '')
  return usual.href
}

/** The model's own file before what is beside it, the pruned and half-precision one before the larger. */
function chooseFile(files: readonly z.output<typeof file>[], page: string): z.output<typeof file> {
  const models = files.filter(({ type }) => type === undefined || type === null || /model|negative/i.test(type))
  const safe = models.filter(({ name, metadata }) => /\.safetensors$/i.test(name) && metadata?.format !== 'PickleTensor')
  const worth = ({ primary, metadata }: z.output<typeof file>): number =>
    (metadata?.size === 'pruned' ? 4 : 0) + (metadata?.fp === 'fp16' ? 2 : 0) + (primary ? 1 : 0)
  const [best] = safe.toSorted((a, b) => worth(b) - worth(a))
  if (best) return best
  if (models.length > 0)
    throw onlyPickles(
      page,
      models.map(({ name }) => name),
    )
  throw new PigmentError('fetch-nothing', `"${page}" holds no model and no adapter. Open it in a browser and check it.`, {
    repo: page,
    page,
  })
}

/** It has no names for licences: what each allows is told. */
function licenceOf(said: Model, page: string): OfferedLicence {
  const { allowNoCredit, allowCommercialUse, allowDerivatives, allowDifferentLicense } = said
  const { licence: permissions } = civitaiInfo.read({ model: said })
  const uses = permissions?.commercial?.filter((use) => use !== 'None')
  const words = [
    allowNoCredit === false ? 'its author is named' : undefined,
    allowCommercialUse === undefined || allowCommercialUse === null
      ? undefined
      : uses && uses.length > 0
        ? `commercial use: ${uses.join(', ')}`
        : 'no commercial use',
    allowDerivatives === false ? 'no merges and no training on it' : undefined,
    allowDifferentLicense === false ? 'what is made from it stays under the same permissions' : undefined,
  ].filter((one) => one !== undefined)
  const sentence = `${words.join('; ')}.`.replace(/^./, (letter) => letter.toUpperCase())
  return { name: 'CivitAI', link: page, ...(words.length > 0 ? { sentence } : {}), ...(permissions ? { permissions } : {}) }
}
