import type { ClashReport } from '../../../engine/requests/clash.ts'
import { clashForm } from '../../api/methods/clash.ts'
import { hostCommand } from '../../studio/command.ts'

/** A layer of a large model takes its time. */
const patience = 30 * 60_000

/** The clash report of adapters of the library; at other strengths it is there at once. */
export const report = hostCommand({
  input: clashForm,
  async run({ library, models, tools, tasks }, { sources, model, task }): Promise<ClashReport> {
    const files = sources.map(({ adapter, ...strength }) => ({ file: library.path(adapter), enabled: true, ...strength }))
    const base = model === undefined ? undefined : (await models.get(model)).path
    return tasks.run(task, ({ signal, progress }) =>
      tools.call(
        'clash',
        { files, model: base },
        { signal, patience, onEvent: (event) => event.type === 'step' && progress(event.step, event.steps, 'clash') },
      ),
    )
  },
})
