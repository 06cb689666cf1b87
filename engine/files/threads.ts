// How many calls to the disk a process makes at once. Of the usual four, a share that is gone holds one for each question.
// Imported first of all by what starts a process: the number is read when the first thread starts.
const wanted = 16

process.env.UV_THREADPOOL_SIZE ??= String(wanted)

export const availableThreads = (): number => Number(process.env.UV_THREADPOOL_SIZE) || 4
