// What says a caption of a picture: a model in a folder of the person's, or what the names of files and folders say already.
import type { z } from 'zod'
import type { Picture } from '../images/picture.ts'

/** One picture that a caption is asked of. */
export interface Captioned {
  /** Its file's name. */
  readonly name: string
  /** Of the folder that it lies in. */
  readonly folder: string
  /** As it is now; empty where there is none. */
  readonly caption: string
  /** What tells this state of its file from others: what a model saw of it is not computed again. */
  readonly stamp: string
  /** Throws what reading a picture throws. */
  picture(): Promise<Picture>
}

/** Takes its options as they come, and reads them by its schema. */
export interface OpenCaptioner extends AsyncDisposable {
  /** Empty where there is nothing to say. Throws `runtime`, `out-of-memory` and what is wrong with its folder. */
  say(one: Captioned, options: Readonly<Record<string, unknown>>): Promise<string>
}

export interface Captioner {
  readonly name: string
  readonly title: string
  /** What its folder must hold, each by one of these names, there or in `onnx/`; none: it needs no folder, and is called by its name. */
  readonly files: readonly CaptionerFile[]
  /** Every field has a default, and in its meta a `description`. Two captioners may share a field, where it means the same. */
  readonly options: z.ZodObject
  /** `files`: where each of `files` is, in their order. Throws what is wrong with one of them. */
  open(files: readonly string[], opening: Opening): Promise<OpenCaptioner>
}

export interface CaptionerFile {
  /** The first is how it is called where it is missing. */
  readonly names: readonly string[]
}

export interface Opening {
  /** Of the CPU; 0: as many as there are. */
  readonly threads: number
}
