// What the graph calls the inputs through which adapters act on a layer.
import type { ChannelInput } from './term.ts'

export const inputNameA = (path: string): string => `lora.A/${path}`
export const inputNameB = (path: string): string => `lora.B/${path}`
export const inputNameGain = (path: string, input: ChannelInput): string => `gain.${input}/${path}`

/** A weight or bias that is fed, by its key. */
export const inputNameWeight = (key: string): string => `weight/${key}`
