// The one way into a checkpoint, whatever its layout.
import { stat } from 'node:fs/promises'
import { fileError } from '../files/file-error.ts'
import type { Checkpoint, Prediction } from '../checkpoint/config.ts'
import { openDiffusers } from './folder-checkpoint.ts'
import { withZeroTerminalSnr } from './zero-terminal-snr.ts'
import { hubSnapshot } from './hub-cache.ts'
import { openSingleFile } from './single-file.ts'

export interface OpenOptions {
  /** What the UNet predicts, where the user knows better than the file. */
  readonly prediction?: Prediction
  /** A scheduler_config.json: for a single file, which carries no noise schedule of its own, or in place of a folder's. */
  readonly scheduler?: string
  /** A VAE in place of the checkpoint's own. */
  readonly vae?: string
  /** Its schedule is made to end in noise alone, whatever the file says. */
  readonly zeroTerminalSnr?: boolean
}

/**
 * Opens a diffusers folder or a single-file checkpoint without loading any weight.
 * Throws `checkpoint-unsupported` (what it is instead stands in `facts.kind`), `checkpoint-unknown`, `checkpoint-incomplete`,
 * `checkpoint-inconsistent`, `checkpoint-dtype`, `config-invalid`, `vae-unknown`, `vae-mismatch`, `zero-snr-prediction`, or an error of the file itself.
 */
export async function openCheckpoint(path: string, options: OpenOptions = {}): Promise<Checkpoint> {
  const found = await stat(path).catch((error: unknown) => {
    throw fileError(error, path, 'read')
  })
  const checkpoint = await (found.isDirectory() ? openDiffusers(await hubSnapshot(path), options) : openSingleFile(path, options))
  return options.zeroTerminalSnr ? withZeroTerminalSnr(checkpoint) : checkpoint
}
