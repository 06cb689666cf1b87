// What a finished process tells its caller, by the code of the error that ended it.

export const exitCodes = {
  ok: 0,
  unexpected: 1,
  usage: 2,
  badInput: 3,
  notWritable: 4,
  runtime: 5,
  trainingFailed: 6,
  fetchFailed: 7,
  cancelled: 130,
} as const

/** The meaning of each, for the help text. */
export const exitCodeMeanings: readonly (readonly [code: number, meaning: string])[] = [
  [exitCodes.ok, 'done'],
  [exitCodes.unexpected, 'an error inside Pigment; please report it'],
  [exitCodes.usage, 'unknown option or bad value'],
  [exitCodes.badInput, 'an input file or folder is missing, damaged or of the wrong kind'],
  [exitCodes.notWritable, 'the output cannot be written, or the disk is full'],
  [exitCodes.runtime, 'not enough memory, or the runtime failed'],
  [exitCodes.trainingFailed, 'the training failed (the loss is no longer a number)'],
  [exitCodes.fetchFailed, 'what was to be fetched is not given, or the connection failed'],
  [exitCodes.cancelled, 'cancelled; a training run can be resumed'],
]

const words = (text: string): RegExp => new RegExp(`^(${text.trim().split(/\s+/).join('|')})$`)

// In order: the first that matches counts.
const patterns: readonly (readonly [RegExp, number])[] = [
  [words('cancelled'), exitCodes.cancelled],
  [
    words(
      'usage method-unknown input-invalid job-unknown sampler-unknown schedule-unknown schedule-unfit [a-z-]+-option-(unknown|invalid) [a-z-]+-options members-.+ seed-invalid steps-invalid schedule-impossible size-invalid condition-incomplete condition-no-steps resume-mismatch continue-.+ adapter-format-.+ export-lossy bake-over-base bake-exists bake-nothing bake-no-bias bake-not-finite precision-overflow',
    ),
    exitCodes.usage,
  ],
  [words('merge-(weights-zero|rank-kept|nothing-common|empty|not-finite|method-unfit|needs-base)'), exitCodes.usage],
  [words('device-.+ provider-.+'), exitCodes.usage],
  [words('queue-address store-.+ s3-(address|keys) together-nowhere'), exitCodes.usage],
  [words('queue-(unreachable|refused|forgot) s3-.+ content-.+ remote-.+'), exitCodes.runtime],
  [words('licence-not-accepted fetch-(link-.+|choose) token-.+'), exitCodes.usage],
  [words('fetch-.+ path-refused'), exitCodes.fetchFailed],
  [words('loss-nan gradient-nan training-nan'), exitCodes.trainingFailed],
  [words('disk-full not-writable folder-missing is-folder write-failed file-too-large name-too-long picture-write'), exitCodes.notWritable],
  [words('out-of-memory too-many-open-files runtime image-nan weights-scattered'), exitCodes.runtime],
  [
    /^(file|safetensors|checkpoint|config|adapter|library|picture|png|dataset|caption|tokenizer|noise|latent|pickle|model|read|vae|weight|merge|extract|average|tensor)-/,
    exitCodes.badInput,
  ],
  [words('not-readable not-a-file folder-not-answering nothing-to-train no-vae'), exitCodes.badInput],
]

/** The exit code for an error's code; what is not listed is our own fault. */
export function exitCodeOf(code: string): number {
  return patterns.find(([pattern]) => pattern.test(code))?.[1] ?? exitCodes.unexpected
}
