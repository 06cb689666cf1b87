import { expect, test } from 'vitest'
import { latest, Meanwhile } from './overtaken.ts'

const { promise: never } = Promise.withResolvers<string>()

test('an answer counts unless something was asked for after it', async () => {
  const newest = latest()
  const [slow, quick] = [Promise.withResolvers<string>(), Promise.withResolvers<string>()]
  const answers = [newest(slow.promise), newest(quick.promise)]
  quick.resolve('second')
  slow.resolve('first')
  expect(await Promise.all(answers)).toEqual([undefined, 'second'])
})

test('a failure is told unless something was asked for after it', async () => {
  const newest = latest()
  await expect(newest(Promise.reject(new Error('broken')))).rejects.toThrow('broken')
  const late = newest(Promise.reject(new Error('broken')))
  void newest(never)
  expect(await late).toBeUndefined()
})

test('news are kept for the answers that are on their way, and for no others', async () => {
  const list = new Meanwhile<string>()
  const slow = Promise.withResolvers<string>()
  list.tell('before')
  const asked = list.ask(() => slow.promise)
  list.tell('one')
  const later = list.ask(() => Promise.resolve('quick'))
  list.tell('two')
  slow.resolve('slow')
  expect([await asked, await later]).toEqual([
    ['slow', ['one', 'two']],
    ['quick', ['two']],
  ])
})
