// In how many bits a network is computed.
import { z } from 'zod'
import type {} from './option.ts'

export const computePrecisions = ['fp32', 'fp16', 'bf16'] as const
export type ComputePrecision = (typeof computePrecisions)[number]

/** `auto`: fp16 on a graphics card that computes it rightly, where the model is stored in 16 bits; else fp32. */
export const computePrecision = z.enum(['auto', ...computePrecisions]).default('auto')
export type AskedPrecision = z.output<typeof computePrecision>
