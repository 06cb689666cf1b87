// (IA)³ against LyCORIS on the same layers and data (build/reference/lycoris_variants.py); what it merges is in recorded.test.ts.
import { test } from 'vitest'
import { ia3 } from './ia3.ts'
import { recordedOf } from './testing-recorded.ts'
import { expectTrained } from './testing-trained.ts'

test('trains as LyCORIS does: gradients of the first step, and thirty steps with AdamW', async () => {
  await expectTrained(ia3, recordedOf('ia3-trained').training)
})
