import { PigmentError } from '../requests/error.ts'
import type { Graph } from '../graph/graph.ts'
import { required, shapeError, type OpDefinition } from '../graph/op.ts'

/**
 * Runs `body` M times. Its inputs: the round (int64 []), whether to go on (bool []), then the state; its outputs: whether to go on, the new state, then
 * what each round tells, stacked over the rounds. It reads values of the graph around it through `Graph.outer`.
 */
export const Loop: OpDefinition = {
  name: 'Loop',
  inputs: ['M', 'cond', 'v_initial*'],
  attributes: { body: 'graph' },
  infer(context) {
    required(context, 0, 'M')
    const state = context.inputs.slice(2)
    const { inputs, outputs, name } = context.attributes.body as Graph
    if (inputs.length !== 2 + state.length || outputs.length <= state.length)
      throw new PigmentError(
        'loop-body',
        `${context.where}: ${state.length} states need a body with ${2 + state.length} inputs and more outputs than states; "${name}" has ${inputs.length} and ${outputs.length}.`,
        { where: context.where },
      )
    return outputs.slice(1).map(({ value: { dtype, shape, name } }, i) => {
      if (i >= state.length) return { dtype, shape: [`${context.where}.rounds`, ...shape] }
      const before = required(context, 2 + i, name)
      if (before.dtype !== dtype || before.shape.join() !== shape.join())
        throw shapeError(context.where, 'a state that keeps its shape', before, outputs[i + 1]!.value)
      return { dtype, shape }
    })
  },
  gradient: { none: 'It wraps whole training steps, gradients included; nothing walks back through it.' },
}
