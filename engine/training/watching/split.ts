// Which pictures of a set are trained on and which are measured on, and why a split cannot be.
import type { DatasetPicture } from '../../datasets/dataset.ts'
import { heldOutOf } from '../../datasets/held-out.ts'
import { PigmentError } from '../../requests/error.ts'
import type { TrainRequest } from '../../requests/train.ts'

type SplitRequest = Pick<TrainRequest, 'heldOut' | 'heldOutCount' | 'heldOutFolder' | 'validateEvery' | 'patience' | 'keep'>

/** Measured on of each list at most: more would take longer than they tell. */
const mostMeasured = 64

/** What of the request does not fit together. Throws `held-out-twice`, `held-out-none`, `validation-none`. */
export function splitRules(request: Partial<SplitRequest>): void {
  const { heldOut = 0, heldOutCount, heldOutFolder, validateEvery, patience, keep } = request
  const ways = Object.entries({ heldOut: heldOut > 0 ? heldOut : undefined, heldOutCount, heldOutFolder }).filter(
    ([, value]) => value !== undefined,
  )
  if (ways.length > 1) {
    const names = ways.map(([name]) => name)
    const sentence = `${names.join(' and ')} both say which pictures are held out. Give one of them: --held-out a share, --held-out-count a number, or --held-out-folder a folder.`
    throw new PigmentError('held-out-twice', sentence, { fields: names.join(', ') })
  }
  if (validateEvery !== undefined && ways.length === 0) throw noneHeldOut({})
  const [field] = [patience === undefined ? [] : ['patience'], keep === 'best' ? ['keep best'] : []].flat()
  if (field !== undefined && validateEvery === undefined) {
    const sentence = `${field} goes by measurements on held-out pictures, and none are made. Add --validate-every with some steps, and --held-out-count with some pictures.`
    throw new PigmentError('validation-none', sentence, { field })
  }
}

const noneHeldOut = (facts: Record<string, unknown>): PigmentError => {
  const of = typeof facts.pictures === 'number' ? ` A share of ${String(facts.share)} of ${facts.pictures} pictures is none.` : ''
  return new PigmentError(
    'held-out-none',
    `No picture is held out to measure on.${of} Give --held-out-count a number of pictures, or --held-out-folder a folder.`,
    facts,
  )
}

/** `folder`: the pictures of `heldOutFolder`. Throws `held-out-too-many`, `held-out-none`, `held-out-seen`. */
export function splitOf<T extends Pick<DatasetPicture, 'path' | 'sha256'>>(
  pictures: readonly T[],
  request: SplitRequest,
  folder?: { readonly directory: string; readonly pictures: readonly T[] },
): { readonly trained: readonly T[]; readonly apart: readonly T[] } {
  if (folder) {
    refuseSeen(pictures, folder)
    return { trained: pictures, apart: folder.pictures }
  }
  refuseTooMany(pictures.length, request)
  const split = heldOutOf(pictures, request)
  if (request.validateEvery !== undefined && split.apart.length === 0)
    throw noneHeldOut({ share: request.heldOut, pictures: pictures.length })
  return split
}

/** Throws `held-out-too-many` where nothing would be left to train on. */
export function refuseTooMany(pictures: number, { heldOutCount: count }: Pick<Partial<SplitRequest>, 'heldOutCount'>): void {
  if (count === undefined || count < pictures) return
  const sentence = `${count} pictures are to be held out of ${pictures}: none is left to train on. Hold out at most ${Math.max(0, pictures - 1)}, usually a tenth to a fifth.`
  throw new PigmentError('held-out-too-many', sentence, { count, pictures })
}

/** What is trained on says nothing of what is not. */
function refuseSeen<T extends Pick<DatasetPicture, 'path' | 'sha256'>>(
  pictures: readonly T[],
  { directory, pictures: own }: { readonly directory: string; readonly pictures: readonly T[] },
): void {
  const trained = new Set(pictures.map(({ sha256 }) => sha256))
  const seen = own.filter(({ sha256 }) => trained.has(sha256))
  const [first] = seen
  if (!first) return
  const sentence = `${seen.length} of the ${own.length} pictures in "${directory}" are also trained on, the first of them "${first.path}": they would be measured as if they were not known. Take them out of one of the two folders.`
  throw new PigmentError('held-out-seen', sentence, { directory, seen: seen.length, pictures: own.length, first: first.path })
}

/** So many of a list, spread over it. */
export function spread<T>(all: readonly T[], most = mostMeasured): T[] {
  const count = Math.min(most, all.length)
  return Array.from({ length: count }, (_, n) => all[Math.floor(((n + 0.5) * all.length) / count)] as T)
}
