// What the program knows of a format of pictures: one file each, from its first bytes to its refusals. Nothing else knows formats by name.
import type { Sharp } from 'sharp'
import type { PngText } from './png-text.ts'

interface Size {
  readonly width: number
  readonly height: number
}

/** The first bytes of a file. */
export interface Head {
  readonly bytes: Uint8Array
  /** Some of them as Latin-1. */
  readonly text: (from: number, to: number) => string
}

/** In the place of libvips, whose build here may lack one: throws an Error that says what is wrong, and allocates nothing beyond `maxPixels`. */
export interface OwnDecoder {
  size(bytes: Uint8Array, maxPixels: number): Size
  decode(bytes: Uint8Array, maxPixels: number): Size & { readonly channels: 3 | 4; readonly data: Uint8Array }
}

export interface PictureFormat {
  /** As in its MIME type, `image/<name>`. */
  readonly name: string
  /** As sentences name it. */
  readonly title: string
  /** Among those that a sentence names. */
  readonly place: number
  /** What its files end in, in small letters: also names that programs gave it by the way. */
  readonly endings: readonly string[]
  recognise(head: Head): boolean
  /** The operation of libvips that reads it from memory, or a decoder of our own. */
  readonly decoder: { readonly loader: string } | OwnDecoder
  /** Whether pages are given the file itself; else a WebP that is made of it. */
  readonly shown: boolean
  /** Whether programs write into it how a picture was made. */
  readonly recalled: boolean
  /** Texts in a form of its own; without it those of its EXIF block are read. */
  readonly texts?: (bytes: Uint8Array, name: string) => readonly PngText[]
  /** Where a file may give no row before its last pass, and has to be held whole. */
  readonly heldWhole?: {
    /** Above these bytes, what is held, is turned and is given out takes more than a gigabyte. */
    readonly mostBytes: number
    /** Bytes of each channel of a pixel. */
    readonly each: (depth: string | undefined) => number
    readonly called: string
    /** How to save it otherwise. */
    readonly instead: string
  }
  /** A part of one as a file of this format again. */
  encode(picture: Sharp): Promise<Uint8Array>
}
