import { expect, test } from 'vitest'
import { exitCodeOf, exitCodes } from './exit-codes.ts'

const { unexpected, usage, badInput, notWritable, runtime, trainingFailed, fetchFailed, cancelled } = exitCodes

test.each([
  // Refusals that nobody listed: what contradicts itself in a request.
  ['duration-twice', usage],
  ['field-needs', usage],
  ['trigger-word', usage],
  ['captions-both', usage],
  ['template-unknown', usage],
  ['held-out-too-many', usage],
  ['sampler-option-unknown', usage],
  ['caption-options-unknown', usage],
  ['one-that-comes-later', usage],
  ['captioner-incomplete', badInput],
  ['onnx-unreadable', badInput],
  ['recipe-syntax', badInput],
  ['embedding-broken', badInput],
  ['mask-size', badInput],
  ['dataset-missing', badInput],
  ['disk-full', notWritable],
  ['memory-short', runtime],
  ['device-lost', runtime],
  ['worker-died', runtime],
  ['loss-nan', trainingFailed],
  ['fetch-cut', fetchFailed],
  ['cancelled', cancelled],
  // Ours.
  ['unexpected', unexpected],
  ['graph-axis', unexpected],
  ['op-input', unexpected],
  ['gradient-unreached', unexpected],
])('%s ends a process with %i', (code, exit) => {
  expect(exitCodeOf(code)).toBe(exit)
})
