// What worker processes are asked to do, with paths already resolved, and what they answer: plain data.
import type { ChosenDevice } from '../api/command.ts'
import type { GenerateRequest } from '../../engine/requests/generate.ts'
import type { NamedLora } from '../../engine/images/recipe.ts'
import type { PictureLook, PictureMeasure } from '../../engine/images/thumbnail.ts'
import type { ErrorRecord } from '../../engine/requests/error.ts'
import type { Reason } from '../../engine/requests/reason.ts'
import type { TrainRequest } from '../../engine/requests/train.ts'

export interface Machinery {
  readonly device: ChosenDevice
  /** 0: the runtime's own choice. */
  readonly threads: number
}
export interface LoraFile {
  readonly file: string
  readonly weight: number
  /** In the text encoders, where it is another. */
  readonly textWeight?: number
  readonly enabled: boolean
  /** What its tag in the prompt asks for beside, which does nothing here. */
  readonly ignored?: readonly string[]
  /** As the library has them: a person may have given others than the file. */
  readonly triggers?: readonly string[]
}
export interface SamplePlan {
  readonly prompts: readonly string[]
  readonly seed: number
  readonly every: number
  readonly steps: number
  readonly cfg: number
  /** Where the model draws by itself. */
  readonly baseCfg: number
  readonly adapterGuidance: number
  readonly guidanceStop: number
}
export interface TrainTask extends Machinery {
  readonly request: TrainRequest
  readonly model: string
  readonly vae?: string | undefined
  readonly out: string
  readonly samplesFolder: string
  readonly samples: SamplePlan
  readonly initialFile?: string
}
export interface PictureTask {
  readonly request: GenerateRequest
  readonly loras: readonly LoraFile[]
  readonly out: string
  /** The form as JSON, for a full recall. */
  readonly form: string
}
export interface DrawTask extends Machinery {
  readonly model: string
  readonly vae?: string | undefined
  readonly pictures: readonly PictureTask[]
  readonly preview: boolean
}
export interface GridTask extends Machinery {
  readonly model: string
  readonly vae?: string | undefined
  readonly cells: readonly (readonly Omit<PictureTask, 'out' | 'form'>[])[]
  readonly columns: readonly string[]
  readonly rows: readonly string[]
  readonly title: string
  readonly subtitle: string
  readonly preview: boolean
  readonly out: string
  readonly form: string
}

export interface DrawnPicture {
  readonly out: string
  readonly width: number
  readonly height: number
  readonly seconds: number
  readonly model: string
}
export interface TrainResult {
  readonly out: string
  readonly loss: number | null
  readonly seconds: number
  readonly pictures: number
}

/** What the picture's texts say, whatever program wrote them (`Recipe`), as it crosses from the worker. */
export interface Said {
  readonly program: string
  readonly prompt: string
  readonly negative: string
  readonly settings: readonly (readonly [key: string, value: string])[]
  readonly loras: readonly NamedLora[]
  readonly text: string
  readonly form: string | null
  /** Known by its program, and not read. */
  readonly unread?: boolean
}

export type Measured = PictureMeasure | { readonly error: ErrorRecord }
export type Looked = PictureLook | { readonly error: ErrorRecord }

export interface AdapterFacts {
  readonly format: string
  readonly family: string
  readonly base: string
  readonly layers: number
  readonly layersByNetwork: Readonly<Record<string, number>>
  readonly ranks: readonly number[]
  readonly triggers: readonly string[]
  readonly title: string
  readonly metadata: readonly (readonly [string, string])[]
  readonly leftOut: readonly { readonly key: string; readonly reason: string }[]
}

export interface ModelFacts {
  readonly name: string
  readonly family: string
  readonly layout: string
  readonly prediction: string
  readonly bytes: number
  readonly parameters: number
  readonly unetParameters: number
  readonly side: number
  /** Sides of its pictures are multiples of this. */
  readonly step: number
  readonly evidence: readonly Reason[]
}
