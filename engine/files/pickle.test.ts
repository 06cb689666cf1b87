import { expect, test } from 'vitest'
import { PigmentError } from '../requests/error.ts'
import { refusePickle } from './pickle.ts'

const bytes = (...values: (number | string)[]): Uint8Array =>
  Uint8Array.from(values.flatMap((value) => (typeof value === 'number' ? [value] : [...Buffer.from(value, 'latin1')])))

test.each<[string, string, Uint8Array]>([
  ['torch.save since 1.6', 'a.safetensors', bytes('PK', 3, 4, 'xxxx', 'archive/data.pkl')],
  ['torch.save before 1.6', 'a.safetensors', bytes(0x80, 2, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9)],
  ['protocol 5', 'model', bytes(0x80, 5, 0x95)],
  ['by its name', 'MODEL.CKPT', bytes('anything')],
  ['by its name', 'pytorch_model.bin', bytes()],
])('refuses %s (%s)', (_, path, first) => {
  expect(() => refusePickle(path, first)).toThrow(PigmentError)
  expect(() => refusePickle(path, first)).toThrow(/can run any program.*safetensors\.torch\.save_file/)
})

test('another zip is called what it is', () => {
  expect(() => refusePickle('pictures.zip', bytes('PK', 3, 4, 'xxxx', 'a.png'))).toThrow(/"pictures\.zip" is a zip archive\. Unpack it/)
  expect(() => refusePickle('model.ckpt', bytes('PK', 3, 4, 'xxxx', 'a.png'))).toThrow(/is a Python pickle file/)
})

test('a safetensors file whose header has 640 bytes begins like a pickle and is not one', () => {
  expect(() => refusePickle('a.safetensors', bytes(0x80, 2, 0, 0, 0, 0, 0, 0, '{"a"'))).not.toThrow()
})
