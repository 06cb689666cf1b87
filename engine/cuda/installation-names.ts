// Names of an installation. By themselves: the door to the runtime reads no more than these.
export const manifestName = 'pigment-cuda.json'
/** Names of folders that are being filled end so. */
export const unfinished = '.unfinished'
/** The variable that gives a process the folder of a whole installation. */
export const cudaVariable = 'PIGMENT_CUDA'
