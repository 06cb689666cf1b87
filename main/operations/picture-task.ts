// Pictures that the engine process is asked to draw, with paths already resolved: plain data.
import type { GenerateRequest } from '../../engine/requests/generate.ts'
import type { Strength } from '../../engine/requests/strength.ts'
import type { Templates } from './drawn-form.ts'

export interface LoraFile extends Strength {
  readonly file: string
  readonly enabled: boolean
  /** In place of the file's, in what the picture says of itself. */
  readonly name?: string
  /** What its tag in the prompt asks for beside, which does nothing here. */
  readonly ignored?: readonly string[]
  /** As the library has them: a person may have given others than the file. */
  readonly triggers?: readonly string[]
}
/** A textual inversion that prompts may call. */
export interface EmbeddingFile {
  readonly file: string
  /** In place of the file's name. */
  readonly name?: string | undefined
  /** Words beside the name and the file's own token. */
  readonly alsoCalled?: readonly string[]
}
export interface PictureTask {
  readonly request: GenerateRequest
  readonly loras: readonly LoraFile[]
  readonly embeddings?: readonly EmbeddingFile[]
  readonly templates?: Templates | undefined
}
/** A picture that is kept. */
export interface KeptPictureTask extends PictureTask {
  readonly out: string
  /** The form as JSON, for a full recall. */
  readonly form: string
}
