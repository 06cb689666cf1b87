import { z } from 'zod'
import { PigmentError } from '../../../engine/requests/error.ts'
import { safeName, safeRelative } from '../../stores/safe-name.ts'
import { askJson } from '../ask.ts'
import { chooseFiles } from '../choose-files.ts'
import { decoded } from '../decoded.ts'
import type { About } from '../failures.ts'
import { licenceCalled } from '../licences.ts'
import type { FetchSource, Plan, PlannedFile } from '../plan.ts'

const text = z.string().nullish().catch(undefined)
/** An answer of `/api/models/OWNER/NAME/revision/REVISION?blobs=true`, as far as it is used. Source: huggingface_hub, `hf_api.py` (ModelInfo). */
const answer = z.object({
  id: z.string(),
  sha: z.string().regex(/^[0-9a-f]{40}$/),
  gated: z.union([z.boolean(), z.string()]).nullish(),
  tags: z.array(z.string()).catch([]),
  cardData: z
    .object({
      license: z
        .union([z.string(), z.array(z.string())])
        .nullish()
        .catch(undefined),
      ...{ license_name: text, license_link: text, instance_prompt: text },
      base_model: z
        .union([z.string(), z.array(z.string())])
        .nullish()
        .catch(undefined),
    })
    .nullish()
    .catch(undefined),
  siblings: z.array(
    z.object({
      rfilename: z.string(),
      size: z.number().int().min(0).nullish(),
      blobId: z.string().nullish(),
      lfs: z.object({ sha256: z.string().regex(/^[0-9a-f]{64}$/), size: z.number().int().min(0) }).nullish(),
    }),
  ),
})

interface Named {
  readonly repo: string
  readonly revision: string
  readonly file?: string
}
const named = /^(?<repo>[\w-][\w.-]{0,95}\/[\w-][\w.-]{0,95})(?:@(?<revision>[\w./-]{1,200}))?(?::(?<file>[^:?#]{1,500}))?$/

const written = ({ repo, revision, file }: Named): string => `${repo}@${revision}${file === undefined ? '' : `:${file}`}`

function readAs(link: string): Named | undefined {
  const { repo, revision = 'main', file } = named.exec(link)?.groups ?? {}
  return repo === undefined || repo.includes('..') ? undefined : { repo, revision, ...(file === undefined ? {} : { file }) }
}

/** A page's address: `/OWNER/NAME`, with `/tree/REVISION`, `/blob/REVISION/FILE` or `/resolve/REVISION/FILE` behind it. */
function ofAddress(path: string): Named | undefined {
  const [owner, name, what, revision, ...file] = path.split('/').filter(Boolean).map(decoded)
  if (!owner || !name || !['tree', 'blob', 'resolve', 'raw', undefined].includes(what)) return undefined
  return readAs(
    written({
      repo: `${owner}/${name}`,
      revision: revision ?? 'main',
      ...(file.length > 0 && what !== 'tree' ? { file: file.join('/') } : {}),
    }),
  )
}

/** `owner/name`, with a revision and a file where they are wanted, or the address of its page. */
export const huggingFace: FetchSource = {
  name: 'hugging-face',
  title: 'Hugging Face',
  place: 1,
  tokens: 'https://huggingface.co/settings/tokens',

  reads(given, { huggingFace: base }) {
    const url = URL.parse(given)
    const own = url && (url.origin === new URL(base).origin || /^(www\.)?(huggingface\.co|hf\.co)$/.test(url.hostname))
    const found = own ? ofAddress(url.pathname) : readAs(given)
    return found && written(found)
  },

  async plan(link, network, signal) {
    const asked = readAs(link)
    if (!asked)
      throw new PigmentError('fetch-link-unknown', `"${link.slice(0, 200)}" is no name of Hugging Face. Write owner/name.`, {
        link: link.slice(0, 200),
      })
    const { repo, revision, file } = asked
    const base = network.hubs.huggingFace
    const page = `${base}/${repo}`
    const about: About = { site: this.name, page, tokens: this.tokens }
    const { json } = await askJson(
      { ...about, url: `${base}/api/models/${repo}/revision/${encodeURIComponent(revision)}?blobs=true`, signal },
      network,
    )
    const parsed = answer.safeParse(json)
    if (!parsed.success)
      throw new PigmentError(
        'fetch-answer',
        `"${page}" is told in a way that is not understood. Open it in a browser, and use the link of the file itself.`,
        {
          ...{ where: page, page },
          reason: parsed.error.issues[0]?.message ?? '',
        },
      )
    const { id, sha, gated, siblings, cardData, tags } = parsed.data
    const byName = new Map(siblings.map((one) => [one.rfilename, one]))
    const { files: chosen, single } = chooseFiles([...byName.keys()], file, page, repo)
    const files = chosen.map((path): PlannedFile => {
      const { size, lfs, blobId } = byName.get(path) ?? {}
      const bytes = lfs?.size ?? size
      const blob = bytes !== undefined && bytes !== null && /^[0-9a-f]{40}$/.test(blobId ?? '') ? blobId : undefined
      const hash = lfs
        ? ({ algorithm: 'sha256', value: lfs.sha256 } as const)
        : blob
          ? ({ algorithm: 'git-sha1', value: blob } as const)
          : undefined
      const parts = safeRelative(path)
      return {
        path: single ? (parts.at(-1) ?? '_') : parts.join('/'),
        url: `${base}/${repo}/resolve/${sha}/${path.split('/').map(encodeURIComponent).join('/')}`,
        ...(bytes === null || bytes === undefined ? {} : { bytes }),
        ...(hash ? { hash } : {}),
      }
    })
    const told = [cardData?.license].flat()[0] ?? tags.find((tag) => tag.startsWith('license:'))?.slice('license:'.length)
    const licence = licenceCalled(told === 'other' && cardData?.license_name ? cardData.license_name : (told ?? undefined), page, {
      name: told === 'other' ? undefined : (cardData?.license_name ?? undefined),
      link: absolute(cardData?.license_link, `${page}/blob/${sha}/`),
    })
    const model = [cardData?.base_model].flat()[0] ?? undefined
    const words = cardData?.instance_prompt ?? undefined
    return {
      ...about,
      link: written({ repo: id, revision: sha, ...(file === undefined ? {} : { file }) }),
      title: single && file !== undefined ? `${repo.split('/')[1]} · ${file.split('/').at(-1)}` : (repo.split('/')[1] ?? repo),
      name: safeName(single ? nameOf(files[0]?.path ?? '', repo) : (repo.split('/')[1] ?? repo)),
      files,
      licence,
      gated: Boolean(gated),
      ...(model === undefined ? {} : { base: model }),
      ...(words === undefined ? {} : { words: [words] }),
      // As A1111 and Forge keep it.
      beside: {
        '.json': {
          ...(words === undefined ? {} : { 'activation text': words }),
          notes: `${page} · ${sha.slice(0, 12)} · ${licence.name}`.replace(/ · $/, ''),
        },
      },
    } satisfies Plan
  },
}

/** What every such file is called says nothing of it. */
const nameless = /^(pytorch_lora_weights|adapter_model|model|diffusion_pytorch_model|lora)(\.fp16)?\.safetensors$/i
const nameOf = (file: string, repo: string): string => (nameless.test(file) ? `${repo.split('/')[1]}.safetensors` : file)

function absolute(link: string | null | undefined, from: string): string | undefined {
  if (!link || !URL.canParse(link, from)) return undefined
  const url = new URL(link, from)
  return url.protocol === 'https:' || url.protocol === 'http:' ? url.href : undefined
}
