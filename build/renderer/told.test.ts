// Reasons and logs are told in the language in use; what another program said stands behind a fold or a tip.
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { because } from '../../engine/requests/reason.ts'
import { openFakeStudio, type FakeStudio } from './testing-fake-studio.ts'
import { browserMissing } from './testing-studio.ts'

const missing = browserMissing()
const studios = new Map<'en' | 'zh', FakeStudio>()
beforeAll(async () => {
  if (!missing) for (const language of ['en', 'zh'] as const) studios.set(language, await openFakeStudio({ language }))
})
afterAll(async () => {
  for (const studio of studios.values()) await studio.close()
})
beforeEach((context) => {
  if (missing) context.skip(missing)
})

async function at(language: 'en' | 'zh', address: string): Promise<FakeStudio> {
  const studio = studios.get(language)
  if (!studio) throw new Error(`No studio speaks ${language}.`)
  await studio.page.goto(`${new URL(studio.page.url()).origin}/#/${address}`)
  await studio.page.reload()
  await studio.page.locator('main h1').first().waitFor()
  return studio
}

test.each([
  ['en', 'Cross-attention is 256 wide; Stable Diffusion 1.x usually has 768.'],
  ['zh', '交叉注意力宽 256；Stable Diffusion 1.x 通常为 768。'],
] as const)('by what a model was recognised (%s)', async (language, sentence) => {
  const { page } = await at(language, 'models')
  const details = page.locator('main li').first().locator('details')
  await details.locator('summary').click()
  const reasons = details.locator('p')
  expect(await reasons.last().textContent()).toBe(sentence)
  if (language === 'zh') for (const text of await reasons.allTextContents()) expect(text).toMatch(/\p{Script=Han}/u)
})

const driver = '/onnxruntime_src/onnxruntime/core/session/provider_bridge_ort.cc:2195 Failed to load libonnxruntime_providers_cuda.so'
test.each([
  ['en', 'It does not start on this machine.'],
  ['zh', '它在这台机器上不能启动。'],
] as const)('a driver that does not start is told in words; its own are in the tip (%s)', async (language, sentence) => {
  const studio = await at(language, 'home')
  studio.answers.set('settings.machine', () => ({
    system: 'linux',
    processor: 'x',
    cores: 2,
    memoryBytes: 1e9,
    freeMemoryBytes: 1e9,
    diskFreeBytes: 1e9,
    runtime: 'onnxruntime',
    devices: [
      {
        device: 'cuda',
        title: 'CUDA',
        works: false,
        reason: because('device-not-started', 'It does not start on this machine.', { said: driver }),
        error: null,
        milliseconds: null,
        chosen: false,
      },
    ],
  }))
  const { page } = await at(language, 'settings')
  const reason = page.locator('main .reason')
  await reason.waitFor()
  expect((await reason.textContent())?.trim()).toBe(sentence)
  expect(await reason.getAttribute('title')).toContain(driver)
  studio.answers.clear()
})

test('no English stands open in a Chinese log: facts are in the sentence, the engine’s own one behind a fold', async () => {
  const studio = await at('zh', 'home')
  const line = (code: string, text: string, facts: object) => ({ at: 0, level: 'warning', code, text, facts })
  studio.answers.set('jobs.get', () => ({
    log: [
      line('folder-ignored', 'The folder "loose" is ignored.', { folder: 'loose' }),
      line('provider-skipped', 'The device "webgpu" is broken.', {
        provider: 'webgpu',
        used: 'cpu',
        reason: because('device-differs', "Its answer differs from the CPU's by {error} (allowed: {limit}).", {
          error: '3e-1',
          limit: 0.01,
        }),
      }),
    ],
  }))
  const { page } = await at('zh', 'jobs')
  await page.getByRole('button', { name: '日志' }).first().click()
  const log = page.getByRole('log')
  await log.getByText('文件夹“loose”不参与训练').waitFor()
  expect(await log.evaluate((element) => (element as unknown as { innerText: string }).innerText)).not.toMatch(/[a-z]{3,} (is|the|from) /i)
  await log.getByText('文件夹“loose”不参与训练').waitFor()
  await log.getByText('设备“webgpu”没有通过测试：它的结果与 CPU 相差 3e-1（最多允许 0.01）。改用“cpu”。').waitFor()
  await log.getByText('详情').first().click()
  await log.getByText('The folder "loose" is ignored.').waitFor()
})
