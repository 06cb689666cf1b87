import { afterEach, beforeEach, expect, test } from 'vitest'
import { shown } from './failures.ts'
import { publicHubs } from './network.ts'
import type { Plan } from './plan.ts'
import { FetchService } from './service.ts'
import { commit, startHub, type TestHub } from './testing-hub.ts'

let hub: TestHub
let token: string | undefined
const secret = 'hf_SecretSecretSecret'
beforeEach(async () => {
  token = undefined
  hub = await startHub({ token: () => Promise.resolve(token) })
})
afterEach(() => hub.close())

const signal = new AbortController().signal
const planOf = (link: string): Promise<Plan> => new FetchService(hub.network).plan(link, signal)
const large = new Uint8Array(300)
const small = new Uint8Array(10)
const paths = ({ files }: Plan): string[] => files.map(({ path }) => path)

test('of a diffusers folder the fp16 form of each network, its configurations, and no pickle', async () => {
  const networks = ['unet/diffusion_pytorch_model', 'vae/diffusion_pytorch_model', 'text_encoder/model']
  hub.repo('some/painter', {
    ...Object.fromEntries(
      networks.flatMap((one) =>
        ['.safetensors', '.fp16.safetensors', '.bin', '.non_ema.safetensors', '.onnx'].map((end) => [one + end, large]),
      ),
    ),
    ...Object.fromEntries(networks.map((one) => [`${one.split('/')[0]}/config.json`, small])),
    ...{
      'model_index.json': small,
      'scheduler/scheduler_config.json': small,
      'tokenizer/vocab.json': large,
      'tokenizer/merges.txt': large,
    },
    ...{
      'safety_checker/model.fp16.safetensors': large,
      'v1-5-pruned.ckpt': large,
      'v1-5-pruned.safetensors': large,
      'README.md': large,
      LICENSE: small,
    },
  })
  const plan = await planOf('some/painter')
  expect(paths(plan).sort()).toEqual([
    'LICENSE',
    'model_index.json',
    'scheduler/scheduler_config.json',
    'text_encoder/config.json',
    'text_encoder/model.fp16.safetensors',
    'tokenizer/merges.txt',
    'tokenizer/vocab.json',
    'unet/config.json',
    'unet/diffusion_pytorch_model.fp16.safetensors',
    'vae/config.json',
    'vae/diffusion_pytorch_model.fp16.safetensors',
  ])
  expect(plan).toMatchObject({
    link: `some/painter@${commit}`,
    name: 'painter',
    licence: { name: 'CreativeML Open RAIL++-M' },
    gated: false,
  })
  expect(plan.files.every(({ hash, bytes }) => hash !== undefined && bytes !== undefined)).toBe(true)
})

test('shards come with their index; a network that is only a pickle is refused', async () => {
  const folder = { 'model_index.json': small, 'vae/diffusion_pytorch_model.safetensors': large, 'text_encoder/model.safetensors': large }
  const shards = ['unet/diffusion_pytorch_model-00001-of-00002.safetensors', 'unet/diffusion_pytorch_model-00002-of-00002.safetensors']
  const index = 'unet/diffusion_pytorch_model.safetensors.index.json'
  hub.repo('some/painter', { ...folder, [index]: large, ...Object.fromEntries(shards.map((one) => [one, large])) })
  expect(paths(await planOf('some/painter')).filter((path) => path.startsWith('unet/'))).toEqual([index, ...shards])
  hub.repo('some/pickled', { ...folder, 'unet/diffusion_pytorch_model.bin': large })
  await expect(planOf('some/pickled')).rejects.toMatchObject({
    code: 'fetch-pickle',
    facts: { names: ['unet/diffusion_pytorch_model.bin'] },
  })
})

test('one file: by its name, or where there is but one; several are told', async () => {
  hub.repo(
    'some/styles',
    { 'a.safetensors': large, 'deep/b.safetensors': large, 'c.ckpt': large },
    { cardData: { license: 'other', license_name: 'house rules', license_link: 'RULES.md', instance_prompt: 'in ink' } },
  )
  const one = await planOf('some/styles')
  expect(paths(one)).toEqual(['a.safetensors'])
  expect(one).toMatchObject({
    licence: { name: 'house rules', link: `${hub.hub}/some/styles/blob/${commit}/RULES.md` },
    words: ['in ink'],
    beside: { '.json': { 'activation text': 'in ink' } },
  })
  const deep = await planOf(`some/styles@${commit}:deep/b.safetensors`)
  expect([paths(deep), deep.name]).toEqual([['b.safetensors'], 'b.safetensors'])
  await expect(planOf('some/styles:c.ckpt')).rejects.toMatchObject({ code: 'fetch-pickle' })
  await expect(planOf('some/styles:none.safetensors')).rejects.toMatchObject({ code: 'fetch-not-found' })
  hub.repo('some/many', { 'a.safetensors': large, 'b.safetensors': large })
  await expect(planOf('some/many')).rejects.toMatchObject({ code: 'fetch-choose', facts: { names: ['a.safetensors', 'b.safetensors'] } })
  hub.repo('some/lora', { 'pytorch_lora_weights.safetensors': large, 'pytorch_lora_weights.bin': large })
  expect((await planOf('some/lora')).name).toBe('lora.safetensors')
  hub.repo('some/peft', { 'adapter_config.json': small, 'adapter_model.safetensors': large })
  expect(paths(await planOf('some/peft'))).toEqual(['adapter_config.json', 'adapter_model.safetensors'])
})

test('a page, a file and a folder of a hub are read by their addresses', () => {
  const { hubs } = hub.network
  const read = (text: string) => new FetchService(hub.network).read(text)
  expect(read('https://huggingface.co/some/painter').link).toBe('some/painter@main')
  expect(read(`${hubs.huggingFace}/some/painter/resolve/fp16/deep/a%20b.safetensors?download=true`).link).toBe(
    'some/painter@fp16:deep/a b.safetensors',
  )
  expect(read('https://civitai.com/models/12/a-name?modelVersionId=34').link).toBe('civitai:version:34')
  expect(read('https://civitai.com/api/download/models/34?type=Model&token=abc').link).toBe('civitai:version:34')
  expect(read('https://civitai.com/models/12').link).toBe('civitai:model:12')
  expect(read('urn:air:sdxl:lora:civitai:12@34').link).toBe('civitai:version:34')
  for (const link of ['nonsense', 'a/b/c', '../b', 'ftp://x/y.safetensors', 'file:///etc/passwd', 'some/..'])
    expect(() => read(link), link).toThrow(expect.objectContaining({ code: 'fetch-link-unknown' }))
  for (const link of ['https://x.example/a.safetensors?token=abcdefgh', 'https://me:word@x.example/a.safetensors'])
    expect(() => read(link), link).toThrow(expect.objectContaining({ code: 'fetch-link-secret' }))
})

test('a token goes to the address that it is for, and to no other one', async () => {
  hub.repo('some/painter', { 'a.safetensors': large })
  token = secret
  const { files } = await planOf('some/painter')
  const { ask } = await import('./ask.ts')
  const { end } = await ask({ site: 'hugging-face', page: '', tokens: 'x', url: files[0]?.url ?? '', signal }, hub.network)
  end()
  expect(hub.asked.map(({ server, headers }) => [server, headers.authorization])).toEqual([
    ['hub', `Bearer ${secret}`],
    ['hub', `Bearer ${secret}`],
    ['storage', undefined],
  ])
  // Nor to a link of its own, which nobody signs in for.
  hub.stored.set('/b.safetensors', { bytes: large })
  await planOf(`${hub.storage}/b.safetensors`)
  expect(hub.asked.at(-1)?.headers.authorization).toBeUndefined()
})

test('who is refused hears why, and what to do; never with the token', async () => {
  hub.repo('some/painter', { 'a.safetensors': large })
  const refused = async (status: number, headers: Record<string, string> = {}): Promise<unknown> => {
    hub.faults.hub.push({ status, headers })
    return planOf('some/painter').catch((error: unknown) => error)
  }
  expect(await refused(401)).toMatchObject({ code: 'fetch-needs-token' })
  expect(await refused(401, { 'x-error-code': 'GatedRepo' })).toMatchObject({
    code: 'fetch-gated',
    message: expect.stringMatching(/accept the licence.*token/) as string,
  })
  expect(await refused(403)).toMatchObject({ code: 'fetch-needs-token' })
  expect(await refused(404)).toMatchObject({ code: 'fetch-not-found' })
  token = secret
  const told = [await refused(401), await refused(403), await refused(403, { 'x-error-code': 'GatedRepo' })]
  expect(told).toMatchObject([{ code: 'fetch-token-refused' }, { code: 'fetch-gated' }, { code: 'fetch-gated' }])
  expect(JSON.stringify(told.map((error) => [error, (error as Error).message, (error as Error).stack]))).not.toContain(secret)
})

test('a redirect to where anybody could answer, in a circle or to nowhere, is not followed', async () => {
  hub.repo('some/painter', { 'a.safetensors': large })
  const astray = async (location: string): Promise<unknown> => {
    hub.faults.hub.push({ status: 302, headers: { location } })
    return planOf('some/painter').catch((error: unknown) => error)
  }
  expect(await astray('http://evil.example/x')).toMatchObject({ code: 'fetch-link-insecure' })
  expect(await astray('file:///etc/passwd')).toMatchObject({ code: 'fetch-link-insecure' })
  expect(await astray('https://me:word@evil.example/x')).toMatchObject({ code: 'fetch-link-secret' })
  hub.faults.hub.push(...Array.from({ length: 12 }, () => ({ status: 302, headers: { location: '/again' } })))
  await expect(planOf('some/painter')).rejects.toMatchObject({ code: 'fetch-astray' })
  expect(shown('https://x.example/a?key=1#b')).toBe('https://x.example/a')
})

test('names that lead elsewhere lead nowhere', async () => {
  hub.repo('some/evil', { '../../evil.safetensors': large })
  await expect(planOf('some/evil:../../evil.safetensors')).rejects.toMatchObject({ code: 'path-refused' })
  hub.repo('some/evil', { 'model_index.json': small, 'unet/../../x.json': small })
  await expect(planOf('some/evil')).rejects.toMatchObject({ code: 'fetch-nothing' })
  hub.stored.set('/x', {
    bytes: large,
    disposition: `attachment; filename="../../.bashrc.safetensors"; filename*=UTF-8''..%2F..%2Fnul.safetensors`,
  })
  const plan = await planOf(`${hub.storage}/x`)
  expect([plan.name, paths(plan)]).toEqual(['_nul.safetensors', ['_nul.safetensors']])
  hub.stored.set('/y.html', { bytes: large })
  await expect(planOf(`${hub.storage}/y.html`)).rejects.toMatchObject({ code: 'fetch-nothing' })
})

test("of CivitAI: the version's own file, its hash and words, and what its licence allows", async () => {
  const file = {
    id: 1,
    sizeKB: 0.5,
    type: 'Model',
    hashes: { SHA256: 'AB'.repeat(32) },
    downloadUrl: 'https://civitai.com/api/download/models/34',
  }
  hub.answers.set('/api/v1/model-versions/34', {
    ...{
      id: 34,
      modelId: 12,
      name: 'v2',
      baseModel: 'SDXL 1.0',
      trainedWords: ['ink', 'wash'],
      description: '<p>More ink.</p>',
      images: [{ url: 'https://x/y.png' }],
    },
    files: [
      { ...file, name: 'ink.ckpt', metadata: { format: 'PickleTensor' }, primary: true },
      {
        ...file,
        name: '../ink.safetensors',
        metadata: { format: 'SafeTensor', fp: 'fp16' },
        downloadUrl: 'https://civitai.com/api/download/models/34?type=Model&format=SafeTensor&token=x',
      },
      { ...file, name: 'data.zip', type: 'Training Data' },
    ],
  })
  const facts = {
    id: 12,
    name: 'Ink',
    type: 'LORA',
    creator: { username: 'mei' },
    allowNoCredit: false,
    allowCommercialUse: ['Image', 'Rent'],
    allowDerivatives: true,
  }
  hub.answers.set('/api/v1/models/12', { ...facts, modelVersions: [{ id: 34 }, { id: 33 }] })
  const plan = await planOf('https://civitai.com/models/12/ink')
  expect(plan).toMatchObject({
    ...{
      link: 'civitai:version:34',
      title: 'Ink · v2',
      name: '__ink.safetensors',
      base: 'SDXL 1.0',
      words: ['ink', 'wash'],
    },
    files: [
      {
        url: `${hub.hub}/api/download/models/34?type=Model&format=SafeTensor`,
        roughly: 512,
        hash: { algorithm: 'sha256', value: 'ab'.repeat(32) },
      },
    ],
    licence: { link: `${hub.hub}/models/12?modelVersionId=34`, sentence: 'Its author is named; commercial use: Image, Rent.' },
  })
  // What the library reads beside an adapter, without pictures of strangers.
  const { civitaiInfo } = await import('../operations/beside/civitai-info.ts')
  const beside = plan.beside['.civitai.info']
  expect(civitaiInfo.read(beside)).toMatchObject({
    model: 'Ink',
    version: 'v2',
    creator: 'mei',
    base: 'SDXL 1.0',
    words: ['ink', 'wash'],
    licence: { noCredit: false, commercial: ['Image', 'Rent'] },
  })
  expect(JSON.stringify(beside)).not.toContain('y.png')
})

test('answers that are none are told', async () => {
  hub.answers.set('/api/models/some/painter/revision/main', '<html>')
  await expect(planOf('some/painter')).rejects.toMatchObject({ code: 'fetch-answer' })
  hub.answers.set('/api/models/some/painter/revision/main', { id: 'x', siblings: 3 })
  await expect(planOf('some/painter')).rejects.toMatchObject({ code: 'fetch-answer' })
})

test('a mirror stands in for the hub; without TLS it must be this machine', async () => {
  expect(publicHubs({})).toMatchObject({ huggingFace: 'https://huggingface.co', plain: [] })
  expect(publicHubs({ HF_ENDPOINT: 'hf-mirror.example' }).huggingFace).toBe('https://hf-mirror.example')
  expect(publicHubs({ HF_ENDPOINT: 'http://127.0.0.1:9/' })).toMatchObject({
    huggingFace: 'http://127.0.0.1:9',
    plain: ['http://127.0.0.1:9'],
  })
  const far = new FetchService({ ...hub.network, hubs: publicHubs({ HF_ENDPOINT: 'http://mirror.example' }) })
  await expect(far.plan('some/painter', signal)).rejects.toMatchObject({ code: 'fetch-link-insecure' })
})
