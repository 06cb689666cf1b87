// The cells of a grid with what the library and the models know.
import { generateRequest } from '../../engine/requests/generate.ts'
import type { ModelCard } from '../api/methods/models.ts'
import { gridPlan, type GridAxes, type GridCell, type GridPlan } from '../operations/grid-plan.ts'
import type { GridForm, GridWorld } from '../operations/axes/axis.ts'
import type { PictureTask } from '../operations/picture-task.ts'
import { drawable } from '../stores/drawable.ts'
import type { Library } from '../stores/library.ts'
import { requestOf, stackOf, type ResolvedStack } from './stack.ts'

/** Adapters and models by their ids or names. */
export function gridWorld(library: Library, models: readonly Pick<ModelCard, 'id' | 'name'>[]): GridWorld {
  const isHere = (id: string): boolean => {
    try {
      return drawable(library, id).kind !== 'embedding'
    } catch {
      return false
    }
  }
  return {
    adapters(name) {
      const found = isHere(name) ? name : library.byName(name)?.id
      return found === undefined ? [] : [found]
    },
    adapterTitle: (id) => drawable(library, id).title,
    model: (name) => models.find((one) => one.id === name || one.name.toLowerCase() === name.toLowerCase())?.id,
    modelTitle: (id) => models.find((one) => one.id === id)?.name ?? id,
  }
}

export interface DrawnCell extends GridCell, Pick<ResolvedStack, 'adapters'> {
  readonly task: PictureTask
}
export interface DrawnGrid extends Omit<GridPlan, 'cells'> {
  readonly cells: readonly DrawnCell[]
}

export function gridCells(form: GridForm, axes: GridAxes, library: Library, world: GridWorld, most?: number): DrawnGrid {
  const { cells, ...labels } = gridPlan(form, axes, world, most)
  const drawn = cells.map((cell) => {
    const { prompt, loras, embeddings, adapters } = stackOf(cell.form, library)
    return { ...cell, adapters, task: { request: generateRequest.parse({ ...requestOf(cell.form), prompt }), loras, embeddings } }
  })
  return { ...labels, cells: drawn }
}
