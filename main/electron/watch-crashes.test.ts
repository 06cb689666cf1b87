// What the checklist of Electron asks for: no part of the window fails without a word, and none takes the work with it.
import { EventEmitter } from 'node:events'
import { beforeEach, expect, test } from 'vitest'
import type { Window } from './electron-api.ts'
import { fakeElectron, type FakeElectron } from './testing-fake.ts'
import { watchCrashes, watchPage } from './watch-crashes.ts'

let fake: FakeElectron
let said: string[]
const report = (sentence: string): void => void said.push(sentence)
beforeEach(() => {
  fake = fakeElectron('none')
  said = []
})
const settled = (): Promise<void> => new Promise((done) => setTimeout(done))

test('an error that nobody caught is shown, what runs is saved, and the app ends, once', async () => {
  const own = new EventEmitter()
  let closed = 0
  const close = (): Promise<void> => Promise.resolve(void closed++)
  const unwatch = watchCrashes(fake.electron, { close, report, process: own as unknown as NodeJS.Process })
  own.emit('unhandledRejection', new Error('late'))
  expect([said, fake.calls]).toEqual([['Unhandled: late'], []])
  own.emit('uncaughtException', new Error('broken'))
  own.emit('uncaughtException', new Error('again'))
  await settled()
  expect(fake.calls).toEqual([expect.stringMatching(/^dialog.showErrorBox Pigment: broken\n\nPigment saves/), 'app.exit'])
  expect([closed, said.length]).toEqual([1, 2])
  unwatch()
  expect(own.eventNames()).toEqual([])
})

test('a process of the app that ends is told, unless it was meant to', () => {
  watchCrashes(fake.electron, { close: () => Promise.resolve(), report, process: new EventEmitter() as unknown as NodeJS.Process })
  fake.app.emit('child-process-gone', {}, { type: 'GPU', reason: 'crashed', exitCode: 139 })
  fake.app.emit('child-process-gone', {}, { type: 'Utility', reason: 'killed', exitCode: 9, serviceName: 'Pigment engine' })
  expect(said).toEqual(['GPU  ended: crashed (code 139)'])
})

test('a page that dies is loaded again, but not for ever', () => {
  new fake.electron.BrowserWindow({})
  const [window] = fake.windows
  if (!window) throw new Error('none')
  watchPage(fake.electron, window as unknown as Window, report)
  window.webContents.emit('render-process-gone', {}, { reason: 'clean-exit', exitCode: 0 })
  for (let i = 0; i < 4; i++) window.webContents.emit('render-process-gone', {}, { reason: 'oom', exitCode: 1 })
  expect(window.webContents.calls).toEqual(['reload', 'reload', 'reload'])
  expect(fake.calls.filter((call) => call.startsWith('dialog'))).toEqual([expect.stringContaining('several times in a row')])
  expect(said).toHaveLength(4)
})

test('of a page that hangs a person is asked, once at a time, and it is only loaded again where they say so', async () => {
  new fake.electron.BrowserWindow({})
  const [window] = fake.windows
  if (!window) throw new Error('none')
  watchPage(fake.electron, window as unknown as Window, report)
  window.emit('unresponsive')
  window.emit('unresponsive')
  await settled()
  expect([fake.calls.filter((call) => call.startsWith('dialog')), window.webContents.calls]).toEqual([
    ['dialog.showMessageBox Wait, Load it again'],
    [],
  ])
  fake.press(1)
  window.emit('unresponsive')
  await settled()
  expect(window.webContents.calls).toEqual(['forcefullyCrashRenderer'])
})
