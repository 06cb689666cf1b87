// A thread that prepares what steps on a device are fed with: makes the course anew, then fills stacks as it is told.
import { parentPort, workerData } from 'node:worker_threads'
import type { Course, CourseSource } from '../course.ts'
import { fillStack, type FillTask } from './feed-stacks.ts'

const { module, options } = workerData as CourseSource
const { course } = (await import(module)) as { course: (options: unknown) => Promise<Course> }
const { feed } = await course(options)
parentPort?.on('message', (task: FillTask) => {
  fillStack(feed, task)
  parentPort?.postMessage('filled')
})
parentPort?.postMessage('ready')
