// How the files of an operation travel: which of its words are paths that it reads, and which that it writes.
import { fieldsOf } from '../../engine/requests/fields.ts'
import { generateRequest, type GenerateRequest } from '../../engine/requests/generate.ts'
import { readRegion } from '../../engine/requests/regions.ts'
import type { EmbeddingFile, LoraFile, PictureTask } from '../operations/picture-task.ts'

/** What becomes of a path on its way. */
export interface Carrying {
  /** One that is read: a file, or a folder with all that is in it. What is not given stays so. */
  readonly bring: <Path extends string | undefined>(path: Path) => Path
  /** One that is written, below `home`. */
  readonly leave: (path: string) => string
}

/** Of one operation of the engine. */
export interface Carrier<Task> {
  /** The folder below which all that it makes appears. */
  readonly home: (task: Task) => string
  readonly carry: (task: Task, carrying: Carrying) => Task
}

export const carrier = <Task>(one: Carrier<Task>): Carrier<Task> => one

interface ModelPaths {
  readonly model?: string | undefined
  readonly vae?: string | undefined
  readonly tokenizer?: string | undefined
  readonly scheduler?: string | undefined
}

/** Those of the fields by which a model is chosen. */
export function bringModel<Of extends ModelPaths>(given: Of, { bring }: Carrying): Of {
  const { model, vae, tokenizer, scheduler } = given
  return { ...given, ...defined({ model: bring(model), vae: bring(vae), tokenizer: bring(tokenizer), scheduler: bring(scheduler) }) }
}

/** A picture to draw, with the adapters and embeddings that it is drawn with and the pictures that it begins with. */
export function bringPicture<Of extends PictureTask>(one: Of, carrying: Carrying): Of {
  const file = <Held extends LoraFile | EmbeddingFile>(held: Held): Held => ({ ...held, file: carrying.bring(held.file) })
  const { request, loras, embeddings } = one
  return {
    ...one,
    request: bringRequest(request, carrying),
    loras: loras.map((lora) => ({ ...file(lora), ...defined({ region: regionBrought(lora.region, carrying) }) })),
    ...(embeddings ? { embeddings: embeddings.map(file) } : {}),
  }
}

/** A region's mask is a file too. */
function regionBrought(region: string | undefined, { bring }: Carrying): string | undefined {
  return region !== undefined && readRegion(region).kind === 'mask' ? bring(region) : region
}

function bringRequest(request: GenerateRequest, { bring }: Carrying): GenerateRequest {
  const given = request as Readonly<Record<string, unknown>>
  const paths = fieldsOf(generateRequest).filter(({ path, key }) => path !== undefined && typeof given[key] === 'string')
  return { ...request, ...Object.fromEntries(paths.map(({ key }) => [key, bring(given[key] as string)])) }
}

const defined = <T extends object>(given: T): T => Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as T
