// Reads the adapters that a request names.
import { createHash } from 'node:crypto'
import { openAdapter, readAdapter, type ModuleShapes } from '../../engine/adapter-formats/read.ts'
import { openRegular } from '../../engine/files/regular-file.ts'
import { skippedReasons } from '../../engine/adapters/adapter.ts'
import type { ScheduleConfig } from '../../engine/checkpoint/config.ts'
import { lycorisBlock } from '../../engine/adapters/dylora.ts'
import type { StackEntry } from '../../engine/adapters/stack.ts'
import type { WarningEvent } from './events.ts'
import type { LoraChoice } from './lora-choice.ts'

export interface LoadedLora {
  readonly entry: StackEntry
  /** By which galleries find the file again. */
  readonly hash: string
}

/** Reads the adapters; what of them cannot be used becomes one warning each. */
export async function loadLoras(
  choices: readonly LoraChoice[],
  modules: ModuleShapes,
  warn: (event: WarningEvent) => void,
  schedule?: Pick<ScheduleConfig, 'zeroTerminalSnr'>,
): Promise<LoadedLora[]> {
  const loaded: LoadedLora[] = []
  for (const { file, ignored = [], ...given } of choices) {
    tellIgnored(file, ignored, warn)
    const adapter = await readAdapter(file, modules)
    if (adapter.skipped.length > 0) {
      const reasons = skippedReasons(adapter.skipped)
      const message = `"${file}": ${adapter.skipped.length} of its tensors are not used. ${reasons.slice(0, 3).join(' ')}`
      warn({ type: 'warning', code: 'adapter-partly-used', message, facts: { file, skipped: adapter.skipped.length, reasons } })
    }
    if (schedule && !schedule.zeroTerminalSnr && adapter.metadata.ss_zero_terminal_snr === 'True') tellSchedule(file, warn)
    const block = lycorisBlock(adapter)
    if (block > 1) {
      const message = `"${file}" is a DyLoRA of LyCORIS, which trains it ${block} times as strong as its file says. If it does too little, use it at a weight of up to ${block}.`
      warn({ type: 'warning', code: 'adapter-dylora-scale', message, facts: { file, block } })
    }
    loaded.push({ entry: { adapter, ...given }, hash: await loraHash(file, adapter.metadata.sshs_model_hash) })
  }
  return loaded
}

/** Its pictures would begin from another noise than it learnt from. */
function tellSchedule(file: string, warn: (event: WarningEvent) => void): void {
  const message = `"${file}" was trained with zero terminal SNR, and the model draws without. Give --zero-terminal-snr, and --prediction v_prediction where the model predicts ε, or its pictures come out greyer than it learnt them.`
  warn({ type: 'warning', code: 'adapter-schedule', message, facts: { file } })
}

/** Warns of what a tag of a prompt asks for and does not get. */
export function tellIgnored(file: string, ignored: readonly string[], warn: (event: WarningEvent) => void): void {
  if (ignored.length === 0) return
  const message = `"${file}": its tag in the prompt has options that do nothing here: ${ignored.join(' · ')}`
  warn({ type: 'warning', code: 'lora-options', message, facts: { file, ignored } })
}

/** A1111's short hash: kohya's `sshs_model_hash`, or else SHA-256 of everything behind the header, of each file of a folder; 12 digits. */
export async function loraHash(path: string, known: string | undefined): Promise<string> {
  if (known !== undefined && /^[0-9a-f]{12,64}$/i.test(known)) return known.slice(0, 12)
  const hash = createHash('sha256')
  for (const { path: file, headerLength } of (await openAdapter(path)).files)
    for await (const chunk of (await openRegular(file)).createReadStream({ start: 8 + headerLength })) hash.update(chunk as Buffer)
  return hash.digest('hex').slice(0, 12)
}
