// Files that the system opens with Pigment, as the page takes them.
import { join } from 'node:path'
import { chromium } from 'playwright-core'
import { expect, test } from 'vitest'
import { PigmentError } from '../../engine/requests/error.ts'
import type { Reply } from '../../main/api/transport.ts'
import { startServer } from '../../main/server/server.ts'
import { readInterface } from '../../main/host/interface-files.ts'
import { fakeHost } from './fake/host.ts'
import './testing-lag.ts'
import { browserMissing } from './testing-studio.ts'

const program = process.env.PIGMENT_CHROMIUM ?? '/usr/bin/chromium'
const pages = join(import.meta.dirname, '../../renderer/dist')

test('what the app was opened with is imported at once, and later files when they are told', async (context) => {
  const missing = browserMissing()
  if (missing) context.skip(missing)
  const host = fakeHost({ settings: { welcomed: true } })
  const { value: cards } = (await host.invoke('library.list', {})) as { value: readonly { id: string; name: string; title: string }[] }
  const card = cards.at(-1)
  const [first] = cards
  const drops = ['first', 'second']
  const broken = new PigmentError('safetensors-header', 'This file holds no adapter.').record()
  const removed: unknown[] = []
  const answers: Readonly<Record<string, (input: unknown) => unknown>> = {
    'library.remove': (input) => (removed.push(input), { undo: 'u' }),
    'files.opened': () => (drops.length > 0 ? { drop: drops.shift() } : null),
    'library.import': (input) =>
      (input as { from: { drop: string } }).from.drop === 'first'
        ? { added: [], refused: [{ name: 'b.safetensors', error: broken }], twins: [] }
        : { added: [card], refused: [], twins: [{ adapter: card?.id, of: [first] }] },
  }
  const invoke = (method: string, input: unknown): Promise<Reply> => {
    const answer = answers[method]
    return answer ? Promise.resolve({ ok: true, value: answer(input) }) : host.invoke(method, input)
  }
  const server = await startServer({ host: { ...host, invoke }, files: await readInterface(pages) })
  const browser = await chromium.launch({ executablePath: program, args: process.getuid?.() === 0 ? ['--no-sandbox'] : [] })
  try {
    const page = await browser.newPage({ locale: 'en-US' })
    await page.goto(server.link())
    await page.getByRole('heading', { name: 'Adapters', level: 1 }).waitFor()
    await page.getByRole('alert').getByText('This file holds no adapter.').first().waitFor()
    host.announce('menu', { action: 'open-file' })
    await expect.poll(() => page.url()).toContain(`#/adapters/${card?.id}`)
    // It holds what another one holds: one goes on with that one, and the new one goes.
    await page.getByText(`“${card?.title}” holds the same tensors as “${first?.name}”. Both are kept.`).waitFor()
    await page.getByRole('button', { name: `Use “${first?.name}”, remove the new one` }).click()
    await expect.poll(() => page.url()).toContain(`#/adapters/${first?.id}`)
    expect(removed).toEqual([{ adapters: [card?.id] }])
  } finally {
    await browser.close()
    await server.close()
  }
})
