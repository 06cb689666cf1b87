// Written by build/write-indexes.ts; do not edit. One course a file.
import type { Course } from './course.ts'
import { constant } from './constant.ts'
import { cosine } from './cosine.ts'
import { linear } from './linear.ts'

export const courses: readonly Course[] = [constant, cosine, linear]
