// What other programs lay beside an adapter, as each of them writes it, and what is made of files that are not as expected.
import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readBeside } from '../tools/read-beside.ts'
import { civitaiInfo } from './civitai-info.ts'
import { besideFormats } from './index.ts'
import { loraManager } from './lora-manager.ts'
import { stabilityMatrix } from './stability-matrix.ts'
import { swarmJson } from './swarm-json.ts'

let root = ''
beforeAll(async () => void (root = await mkdtemp(join(tmpdir(), 'pigment-beside-'))))
afterAll(() => rm(root, { recursive: true, force: true }))
const at = (name: string): string => join(root, name)
const put = async (name: string, content: unknown): Promise<string> => {
  await writeFile(at(name), typeof content === 'string' ? content : JSON.stringify(content))
  return at(name)
}

const answer = {
  id: 368189,
  modelId: 328553,
  name: 'v2',
  baseModel: 'Pony',
  trainedWords: ['ink, brush', ' wash, ', '', 7],
  model: { name: 'Ink', description: '<p>Use <i>0.7</i></p><script>steal()</script>', allowNoCredit: false },
}

test('Lora Manager: what a person changed there goes before what CivitAI said, and its hint of a strength counts', () => {
  const said = {
    ...{ file_name: 'ink', model_name: 'My ink', base_model: 'SDXL 1.0', preview_url: 'https://elsewhere.example/x.png', civitai: answer },
    ...{ usage_tips: '{"strength": "0.65", "strength_max": 0.9}', notes: 'Thin lines.', tags: ['ink'], modelDescription: '<b>Bold</b>' },
  }
  expect(loraManager.read(said)).toEqual({
    ...{ model: 'My ink', version: 'v2', base: 'SDXL 1.0', words: ['ink, brush', 'wash'], tags: ['ink'], weight: 0.65 },
    ...{ description: 'Bold', notes: 'Thin lines.', licence: { noCredit: false } },
    link: 'https://civitai.com/models/328553?modelVersionId=368189',
  })
  // As it is before it has asked CivitAI.
  const fresh = { model_name: 'ink', base_model: 'Unknown', civitai: {}, usage_tips: '{}', notes: '', tags: [], modelDescription: '' }
  expect(loraManager.read(fresh)).toEqual({ model: 'ink' })
})

test('Stability Matrix and SwarmUI', () => {
  const matrix = {
    ...{ ModelId: 5, VersionId: 6, UserTitle: null, ModelName: 'Ink', VersionName: 'v2', BaseModel: 'SD 1.5', TrainedWords: ['ink'] },
    ...{ Tags: ['line'], ModelDescription: '<p>A</p>', VersionDescription: '<p>B</p>' },
  }
  expect(stabilityMatrix.read(matrix)).toEqual({
    ...{ model: 'Ink', version: 'v2', base: 'SD 1.5', words: ['ink'], tags: ['line'], description: 'A\n\nB' },
    link: 'https://civitai.com/models/5?modelVersionId=6',
  })
  const swarm = {
    'modelspec.title': 'Ink',
    'modelspec.trigger_phrase': 'ink; wash',
    'modelspec.tags': 'line, paper',
    'modelspec.author': 'mei',
  }
  expect(swarmJson.read(swarm)).toEqual({ model: 'Ink', creator: 'mei', words: ['ink; wash'], tags: ['line', 'paper'] })
})

test('a page is made of numbers alone: no address of a stranger is shown as one', () => {
  expect(civitaiInfo.read({ id: 'javascript:alert(1)', modelId: 3 }).link).toBe('https://civitai.com/models/3')
  for (const modelId of ['3/../../evil', -1, 1.5, Infinity, null, { a: 1 }])
    expect(civitaiInfo.read({ modelId, id: 4 }).link).toBeUndefined()
})

test('what is of another kind than expected is left out, whatever it is', () => {
  const junk: unknown[] = [
    null,
    1,
    'text',
    [],
    [[]],
    {},
    { model: 'no', civitai: [], trainedWords: {}, TrainedWords: 'a', usage_tips: '{' },
  ]
  for (const format of besideFormats) for (const one of junk) expect([format.name, format.read(one)]).toEqual([format.name, {}])
})

test('each file is read as the program that its whole ending names; one of fifty megabytes, a broken one and an empty one are told', async () => {
  const paths = await Promise.all([
    put('ink.metadata.json', { model_name: 'Managed', 'activation text': 'not of this program' }),
    put('ink.json', { 'activation text': 'drawn', 'preferred weight': 0.4, model_name: 'not of this program' }),
    put('ink.swarm.json', '{"modelspec.title": '),
    put('ink.cm-info.json', ''),
    put('ink.civitai.info', ''),
  ])
  await truncate(at('ink.civitai.info'), 50e6)
  const { facts, problems } = await readBeside({ paths })
  expect(facts).toEqual({ model: 'Managed', words: ['drawn'], weight: 0.4 })
  expect(problems.map(({ code }) => code)).toEqual(['file-over-limit', 'adapter-beside-broken', 'adapter-beside-broken'])
  for (const { message } of problems) expect(message).toContain('ink.')
})
