// Why a file's pairs cannot be read.
import type { SkippedKey } from '../adapters/adapter.ts'
import type { SafetensorsFile } from '../files/safetensors.ts'
import { PigmentError } from '../requests/error.ts'
import type { ModuleShapes } from './base-modules.ts'
import { familyCalled } from '../models/family-called.ts'
import { familyHint } from './family-hint.ts'

type Facts = Record<string, unknown>

export function broken(file: SafetensorsFile, module: string, why: string, facts: Facts = {}): PigmentError {
  return new PigmentError(
    'adapter-broken',
    `"${file.path}", module "${module}": ${why} Get another copy of this adapter, or train it again.`,
    { path: file.path, module, ...facts },
  )
}

/** What an adapter is made of, in part, is neither in its file nor to be found out. */
export function unknowable(file: SafetensorsFile, module: string, why: string): PigmentError {
  return new PigmentError('adapter-unsupported', `"${file.path}", module "${module}": ${why}`, { path: file.path, module })
}

/** A sound tensor of a kind that low-rank pairs are not kept in. */
export function wholeNumbers(file: SafetensorsFile, module: string, name: string, dtype: string): PigmentError {
  return new PigmentError(
    'adapter-unsupported',
    `"${file.path}", module "${module}": "${name}" is stored as ${dtype}, in whole numbers, which no low-rank pair is: it may be quantised. ` +
      'Get the file in F16, BF16 or F32.',
    { path: file.path, module, name, dtype },
  )
}

export function wholeWeights(file: SafetensorsFile, example: string): PigmentError {
  return new PigmentError(
    'adapter-unsupported',
    `"${file.path}" holds whole weights or biases of its model beside its low-rank pairs, and it is not known for which layers of this one they are meant ` +
      `(the first is "${example}"): the pairs alone may be another adapter. ` +
      'Merge it into its model in PEFT (merge_and_unload), and open the whole model here.',
    { path: file.path, example },
  )
}

export function mismatch(file: SafetensorsFile, { family }: ModuleShapes, what: string, facts: Facts): PigmentError {
  const hint = familyHint(file)
  const { title } = familyCalled(family)
  const madeFor = hint && hint !== title ? ` The file seems to be made for ${hint}.` : ''
  const advice = hint && hint !== title ? `Load a ${hint} model to use it.` : 'Load the base model that it was trained on.'
  return new PigmentError('adapter-family-mismatch', `"${file.path}" does not fit this ${title} model: ${what}.${madeFor} ${advice}`, {
    path: file.path,
    base: family,
    madeFor: hint ?? null,
    ...facts,
  })
}

/** Not one module of the file can be used. */
export function nothingRemains(
  file: SafetensorsFile,
  modules: ModuleShapes,
  unknown: readonly string[],
  skipped: readonly SkippedKey[],
): PigmentError {
  const example = unknown[0]
  if (example !== undefined)
    return mismatch(file, modules, `it does not have ${unknown.length} of the file's modules (the first is "${example}")`, {
      unknown: unknown.length,
      example,
    })
  const reasons = [...new Set(skipped.map(({ reason }) => reason))]
  return new PigmentError(
    'adapter-unsupported',
    `"${file.path}" holds nothing that can be used. ${reasons.slice(0, 3).join(' ')} Use an adapter of plain low-rank (LoRA) pairs.`,
    { path: file.path, reasons },
  )
}
