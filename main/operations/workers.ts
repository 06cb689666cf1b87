// The worker processes by what they do.
import type { WorkerProcess } from '../processes/worker-process.ts'
import type { EngineOperations } from './engine/index.ts'
import type { ToolOperations } from './tools/index.ts'

export type EngineProcess = WorkerProcess<EngineOperations>
export type ToolsProcess = WorkerProcess<ToolOperations>
