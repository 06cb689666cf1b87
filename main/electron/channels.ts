// Names that the main process and the preload script share.

/** Every channel; all begin alike, so that a stray one stands out. */
export const channels = { invoke: 'pigment:invoke', drop: 'pigment:drop', event: 'pigment:event' } as const
/** The one origin that our pages have. */
export const pageOrigin = 'app://studio'

/** One file as the preload script hands it over: where it lies, or what it holds when it lies nowhere (e.g. pasted). */
export interface HandedFile {
  readonly path: string
  readonly file: string
  readonly bytes?: Uint8Array
}
