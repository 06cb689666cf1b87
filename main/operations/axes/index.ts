// Written by build/write-indexes.ts; do not edit. What a grid can vary, one kind a file.
import type { AxisKind } from './axis.ts'
import { adapterAxis } from './adapter.ts'
import { blocksAxis } from './blocks.ts'
import { conditionAxis } from './condition.ts'
import { modelAxis } from './model.ts'
import { orderAxis } from './order.ts'
import { promptAxis } from './prompt.ts'
import { samplerAxis } from './sampler.ts'
import { samplerOptionAxis } from './sampler-option.ts'
import { scheduleAxis } from './schedule.ts'
import { scheduleOptionAxis } from './schedule-option.ts'
import { searchAxis } from './search.ts'
import { sizeAxis } from './size.ts'
import { strengthCurveAxis } from './strength-curve.ts'
import { strengthStartAxis } from './strength-start.ts'
import { strengthStopAxis } from './strength-stop.ts'
import { switchedAxis } from './switched.ts'
import { textWeightAxis } from './text-weight.ts'
import { vaeAxis } from './vae.ts'
import { weightAxis } from './weight.ts'

export const axisKinds: readonly AxisKind[] = [
  adapterAxis,
  blocksAxis,
  conditionAxis,
  modelAxis,
  orderAxis,
  promptAxis,
  samplerAxis,
  samplerOptionAxis,
  scheduleAxis,
  scheduleOptionAxis,
  searchAxis,
  sizeAxis,
  strengthCurveAxis,
  strengthStartAxis,
  strengthStopAxis,
  switchedAxis,
  textWeightAxis,
  vaeAxis,
  weightAxis,
]
