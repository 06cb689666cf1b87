import { expect, test } from 'vitest'
import ort from '../../engine/runtime/onnxruntime.ts'
import { useHost } from './testing.ts'

const { api } = useHost('info')

test('the studio says which runtime it computes with, as the runtime itself does', async () => {
  expect((await api.app.info()).runtime).toBe(`onnxruntime ${ort.env.versions.node}`)
})
