// The model that a command works with: the one named, or the embedded one, on the device asked for.
import { PigmentError } from '../../engine/requests/error.ts'
import type { AskedPrecision } from '../../engine/requests/compute-precision.ts'
import type { ClipVocabularyFiles } from '../../engine/checkpoint/config.ts'
import type { Economy } from '../../engine/sessions/economy.ts'
import { vocabularyIn } from '../../engine/text/vocabulary-files.ts'
import type { Model } from '../../engine/sessions/open-model.ts'
import { toldReason } from '../../engine/requests/reason.ts'
import type { Computing } from './machinery.ts'
import { embeddedModel } from '../places/embedded.ts'

/** Which model: `modelFields`. */
export interface ModelChoice {
  readonly model?: string | undefined
  readonly prediction?: 'epsilon' | 'v_prediction' | undefined
  readonly tokenizer?: string | undefined
  readonly scheduler?: string | undefined
  readonly vae?: string | undefined
  readonly zeroTerminalSnr?: boolean | undefined
}

export interface Opening extends ModelChoice {
  /** The layer of the text encoders that captions are read at. */
  readonly clipSkip?: number | undefined
  /** In how many bits it is computed; `auto` unless told. */
  readonly computePrecision?: AskedPrecision | undefined
  /** What it does with less memory. */
  readonly economy?: Economy | undefined
}

/** Opens it. The caller disposes of it. Which device it computes on is a record, and a broken one that was passed over a warning. */
export async function openModel(
  { device, threads, optimized, emit }: Computing,
  { model, prediction, tokenizer, scheduler, vae, zeroTerminalSnr, clipSkip, computePrecision = 'auto', economy }: Opening,
): Promise<Model> {
  const path = model ?? embeddedModel()
  // The runtime's native library loads only when a model is needed, so that a broken one cannot take `doctor` or `--help` with it.
  const [{ Model }, { openCheckpoint }, { chooseProvider }, { keepOptimizedModels }] = await Promise.all([
    import('../../engine/sessions/open-model.ts'),
    import('../../engine/models/open-checkpoint.ts'),
    import('../../engine/runtime/providers.ts'),
    import('../../engine/runtime/optimized-session.ts'),
  ])
  keepOptimizedModels(optimized, (reason) =>
    emit({
      type: 'warning',
      code: 'optimized-not-kept',
      message: `The optimised model cannot be kept, so it will open no faster next time: ${reason} Free some space, or turn this off in the settings.`,
      facts: { reason },
    }),
  )
  const vocabulary = tokenizer === undefined ? undefined : await vocabularyAt(tokenizer)
  const words = {
    ...(prediction ? { prediction } : {}),
    ...(scheduler ? { scheduler } : {}),
    ...(vae ? { vae } : {}),
    ...(zeroTerminalSnr ? { zeroTerminalSnr } : {}),
  }
  // A wrong file is told before any device is tried.
  if (device !== 'cpu' && (typeof device === 'string' || device.provider !== 'cpu')) await openCheckpoint(path, words)
  const { provider, skipped, precisions = [] } = typeof device === 'string' ? await chooseProvider(device) : device
  for (const { provider: name, reason } of skipped.filter(({ broken }) => broken))
    emit({
      type: 'warning',
      code: 'provider-skipped',
      message: `The device "${name}" is broken and is not used: ${reason ? toldReason(reason) : ''} Computing on "${provider}".`,
      facts: { provider: name, reason, used: provider },
    })
  emit({ type: 'device', device: provider, skipped: skipped.map(({ provider: name, reason }) => ({ device: name, reason })) })
  const opened = await Model.open(path, {
    provider,
    precision: computePrecision,
    proven: precisions,
    economy,
    clipSkip,
    ...(threads ? { threads } : {}),
    ...(vocabulary ? { tokenizer: vocabulary } : {}),
    ...words,
  })
  for (const { code, message, facts } of opened.checkpoint.evidence)
    if (code === 'scheduler-options') emit({ type: 'warning', code, message, facts })
  return opened
}

async function vocabularyAt(folder: string): Promise<ClipVocabularyFiles> {
  const found = await vocabularyIn(folder)
  if (found) return found
  throw new PigmentError(
    'tokenizer-missing',
    `"${folder}" holds no vocabulary: expected vocab.json and merges.txt, or tokenizer.json. Choose the tokenizer folder of the model.`,
    { path: folder },
  )
}
