// How a picture is seen: as its set says, and where that says nothing, as the run does.
import { captionVaries, type CaptionOptions } from '../datasets/captions.ts'
import type { DatasetPicture } from '../datasets/dataset.ts'
import type { TrainRequest } from '../requests/train.ts'

type Seen = CaptionOptions & Pick<TrainRequest, 'resolution' | 'flip' | 'captionDropout' | 'captionDropoutEveryEpochs'>

export function seenAs({ own = {} }: Pick<DatasetPicture, 'own'>, request: TrainRequest): Seen {
  return { ...request, ...definedIn(own) }
}

/** The longest side of a square that any picture is shown at. */
export const largestSide = ({ resolution, sets = [] }: Partial<Pick<TrainRequest, 'resolution' | 'sets'>>, usual: number): number =>
  Math.max(resolution ?? usual, ...sets.map((set) => set.resolution ?? resolution ?? usual))

/** Whether captions are encoded as they are shown, by encoders that stay in memory. */
export const encodesAsShown = (request: CaptionOptions & Partial<Pick<TrainRequest, 'sets'>>): boolean =>
  [request, ...(request.sets ?? [])].some((one) => captionVaries({ ...request, ...definedIn(one) }))

const definedIn = (own: object): object => Object.fromEntries(Object.entries(own).filter(([, value]) => value !== undefined))
