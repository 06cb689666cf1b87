// Written by build/write-indexes.ts; do not edit. What may be unwise about a set, one rule a file.
import type { Caution } from './caution.ts'
import { farRate } from './far-rate.ts'
import { farSize } from './far-size.ts'
import { fewPictures } from './few-pictures.ts'
import { largePictures } from './large-pictures.ts'
import { longWarmup } from './long-warmup.ts'
import { noTrigger } from './no-trigger.ts'
import { smallPictures } from './small-pictures.ts'
import { unreadCaptions } from './unread-captions.ts'
import { wideCommas } from './wide-commas.ts'

export const cautions: readonly Caution[] = [
  farRate,
  farSize,
  fewPictures,
  largePictures,
  longWarmup,
  noTrigger,
  smallPictures,
  unreadCaptions,
  wideCommas,
]
