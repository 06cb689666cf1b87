// Pictures of the fake studio: those of the two sample sets, under opaque names as the real host gives them.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const samples = join(import.meta.dirname, '../../../assets/samples')

export interface SamplePicture {
  readonly set: string
  readonly name: string
  readonly path: string
  readonly caption: string
}

export const samplePictures: readonly SamplePicture[] = ['black-ink', 'comic-outline'].flatMap((set) =>
  readdirSync(join(samples, set))
    .filter((file) => file.endsWith('.png'))
    .sort()
    .map((file) => {
      const path = join(samples, set, file)
      return { set, name: file, path, caption: readFileSync(path.replace(/\.png$/, '.txt'), 'utf8').trim() }
    }),
)

/** The n-th picture of a set, going round. */
export const mediaOf = (n: number, set = 'black-ink'): string => {
  const own = samplePictures.flatMap((picture, at) => (picture.set === set ? [at] : []))
  return `m${own[n % own.length] ?? 0}`
}

/** As the media route answers: bytes of a known picture, or 404. */
export async function serveMedia(name: string): Promise<Response> {
  const picture = samplePictures[Number(/^m(\d+)$/.exec(name)?.[1] ?? -1)]
  if (!picture) return new Response('', { status: 404 })
  return new Response(new Uint8Array(readFileSync(picture.path)), { status: 200, headers: { 'content-type': 'image/png' } })
}
