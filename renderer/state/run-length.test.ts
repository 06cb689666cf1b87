import { expect, test } from 'vitest'
import type { FieldDescription } from '../../engine/requests/fields.ts'
import { inLength, lengthBy } from './run-length.ts'

const card = (name: string, endless?: true) => ({ name, title: name, options: [], ...(endless ? { endless } : {}) })
const cards = [card('cosine'), card('constant', true), card('inverse-sqrt', true)]
const fields: readonly FieldDescription[] = [{ key: 'course', kind: 'choice', description: '', optional: false, cards }]
const by = (values: Record<string, unknown>) => lengthBy((key) => values[key])

test('one field says how long; taking another one begins as long as it was, and leaves nothing of the one before', () => {
  const [usual, forecast] = [
    { steps: 900, course: 'cosine' },
    { epochs: 22.4, seconds: 700 },
  ]
  const epochs = inLength('epochs', { steps: 800, lr: 1 }, { fields, usual, forecast })
  expect([by(epochs), epochs]).toEqual(['epochs', { steps: 800, lr: 1, epochs: 22 }])
  const minutes = inLength('minutes', epochs, { fields, usual, forecast })
  // Nothing tells a cosine where to end.
  expect([by(minutes), minutes]).toEqual(['minutes', { steps: 800, lr: 1, minutes: 12, course: 'constant' }])
  expect(inLength('minutes', { course: 'inverse-sqrt' }, { fields, usual })).toEqual({ course: 'inverse-sqrt', minutes: 30 })
  expect(by(inLength('steps', minutes, { fields, usual, forecast }))).toBe('steps')
  expect(inLength('steps', minutes, { fields, usual, forecast })).toEqual({ steps: 800, lr: 1 })
  // A preset of one's own may say epochs.
  expect(inLength('steps', {}, { fields, usual: { epochs: 5 } })).toEqual({ epochs: undefined })
})
