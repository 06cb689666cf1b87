import { expect, test } from 'vitest'
import { PigmentError } from '../requests/error.ts'
import { fileError, systemLimit } from './file-error.ts'

const failed = (code: string): Error => Object.assign(new Error(`${code}: it did not work`), { code })

test.each([
  ['EMFILE', 'read', 'too-many-open-files', /Cannot read "a\/b"\. Too many files are open/],
  ['ENFILE', 'write', 'too-many-open-files', /Cannot write "a\/b"\. Too many files are open/],
  ['EACCES', 'read', 'not-readable', /You may not read it/],
  ['ENOSPC', 'write', 'disk-full', /"a" is full/],
  ['EIO', 'read', 'read-failed', /The system says: EIO/],
] as const)('%s while trying to %s is %s', (system, doing, code, sentence) => {
  const error = fileError(failed(system), 'a/b', doing)
  expect(error).toMatchObject({ code, facts: { path: 'a/b', system } })
  expect(error.message).toMatch(sentence)
})

test('only a limit of the system says nothing of the file', () => {
  expect(systemLimit(failed('EMFILE'), 'a')).toMatchObject({ code: 'too-many-open-files' })
  for (const other of [failed('EACCES'), new Error('no'), undefined, new PigmentError('disk-full', 'full', {})])
    expect(systemLimit(other, 'a')).toBeUndefined()
})
