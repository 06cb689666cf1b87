/** By which a stack names what a paused run has learnt until then. */
export const pausedAdapter = (run: string): string => `run-${run}`
