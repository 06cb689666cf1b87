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
  // What no request and no file should bring about.
  [
    words(
      `unexpected graph-.+ op-.+ loop-.+ shape-mismatch gradient-(missing|shape|unreached) matrix-shape empty-input batch-.+ timestep-invalid
      interface-missing save-(mismatch|unreadable) png-keyword resample-unknown loss-blend-empty telemetry-on decoder-input tagger-input weight-size`,
    ),
    exitCodes.unexpected,
  ],
  [
    words(
      `condition-no-steps continue-.+ adapter-format-.+ model-embedded merge-(weights-zero|rank-kept|nothing-common|empty|not-finite|method-unfit|needs-base)
      store-.+ s3-(address|keys) fetch-(link-.+|choose) token-.+ [a-z-]+-option(s?)-(unknown|invalid) [a-z-]+-options caption-too-long`,
    ),
    exitCodes.usage,
  ],
  [words('queue-(unreachable|refused|forgot) s3-.+ content-.+ remote-.+ host-unreachable'), exitCodes.runtime],
  [words('fetch-.+ path-refused'), exitCodes.fetchFailed],
  [words('loss-nan gradient-nan training-nan'), exitCodes.trainingFailed],
  [words('disk-full not-writable folder-missing is-folder write-failed file-too-large name-too-long picture-write'), exitCodes.notWritable],
  [
    words(
      'out-of-memory memory-short too-many-open-files runtime image-nan weights-scattered device-lost thread-ended worker-(died|silent|none|version) page-file-short not-lockable port-unusable',
    ),
    exitCodes.runtime,
  ],
  [
    /^(file|safetensors|checkpoint|config|adapter|library|onnx|picture|png|dataset|caption|captioner|tag-list|tokenizer|noise|latent|pickle|model|read|vae|weight|merge|extract|average|tensor|embedding|mask|masks|class-pictures|validation|recipe|packed|zip)-/,
    exitCodes.badInput,
  ],
  [words('not-readable not-a-file folder-not-answering nothing-to-train no-vae cuda-(hash|no-.+|nothing-found)'), exitCodes.badInput],
]

/** The exit code for an error's code. Who writes an error by hand says what to do about it: what is not listed is a request that cannot be done. */
export function exitCodeOf(code: string): number {
  return patterns.find(([pattern]) => pattern.test(code))?.[1] ?? exitCodes.usage
}
