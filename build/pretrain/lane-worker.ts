// The thread of one lane: makes the course anew, then answers what the first thread asks.
import { parentPort, workerData } from 'node:worker_threads'
import { call, Lane, type Call, type Course, type LaneTask } from './lanes.ts'

const { shared, index, threads, source } = workerData as LaneTask
const { course } = (await import(source.module)) as { course: (options: unknown) => Promise<Course> }
const lane = await Lane.create(await course(source.options), shared, index, threads)
parentPort?.on('message', (ask: Call) => void Promise.resolve(call(lane, ask)).then((result) => parentPort?.postMessage(result)))
parentPort?.postMessage('ready')
