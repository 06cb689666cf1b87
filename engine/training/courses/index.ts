// Written by build/write-indexes.ts; do not edit. One course a file.
import type { Course } from './course.ts'
import { constant } from './constant.ts'
import { cosine } from './cosine.ts'
import { cosineMin } from './cosine-min.ts'
import { cosineRestarts } from './cosine-restarts.ts'
import { inverseSqrt } from './inverse-sqrt.ts'
import { linear } from './linear.ts'
import { oneCycle } from './one-cycle.ts'
import { polynomial } from './polynomial.ts'
import { warmupStableDecay } from './warmup-stable-decay.ts'

export const courses: readonly Course[] = [
  constant,
  cosine,
  cosineMin,
  cosineRestarts,
  inverseSqrt,
  linear,
  oneCycle,
  polynomial,
  warmupStableDecay,
]
