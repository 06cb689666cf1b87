// Who may see whom, as rules of dependency-cruiser. A rule's comment says where the code belongs instead.
import { join } from 'node:path'
import {
  cruise,
  type ICruiseOptions,
  type ICruiseResult,
  type IForbiddenRuleType,
  type IRegularForbiddenRuleType,
} from 'dependency-cruiser'

/** Inside the engine the arrow runs one way: a folder imports from its own line and from those above. */
const engineOrder = [
  ['requests', 'tensor'],
  ['linear-algebra'],
  // The vocabulary of what a checkpoint says about itself.
  ['checkpoint'],
  ['files', 'graph', 'onnx', 'images'],
  ['ops'],
  ['autodiff', 'passes'],
  ['weights'],
  ['nn', 'text'],
  ['models', 'adapters'],
  ['embeddings'],
  ['adapter-formats', 'merging', 'clash'],
  ['model-formats', 'adapter-readers'],
  ['processes', 'runtime', 'datasets', 'cuda'],
  ['schedules', 'captioning', 'noise-sources'],
  ['samplers'],
  ['sessions'],
  ['guidance', 'conditions', 'training'],
]

/** Made by bundlers. */
const made = '(^|/)(dist|bundle)/'
/** Tests and their helpers run a whole graph to look at one part of it. */
const tests = '[.]test[.]ts$|/testing|/fixtures/'
const one = (names: readonly string[]): string => `(${names.join('|')})`

/** Inside main/ likewise; the shells (electron, server, cli) stand over all of them. */
const mainOrder = [
  'api',
  'processes',
  'places',
  'recipes',
  'operations',
  'remote',
  'stores',
  'fetching',
  'datasets',
  'jobs',
  'studio',
  'commands',
  'host',
]

const engineRules = engineOrder.slice(0, -1).map((names, i) => {
  const later = engineOrder.slice(i + 1).flat()
  return {
    name: `engine-order-${names.join('-')}`,
    comment: `engine/${names.join('/, engine/')}/ come before engine/${later.join('/, engine/')}/. Move this code to the later folder, or what it needs to an earlier one.`,
    from: { path: `^engine/${one(names)}/`, pathNot: tests },
    to: { path: `^engine/${one(later)}/` },
  }
})

/** What stands over the words, in the renderer. */
const rendererOrder = [['words'], ['controls', 'state'], ['parts'], ['screens']]

const mainRules = mainOrder.slice(1, -1).map((name, i) => {
  const later = mainOrder.slice(i + 2)
  return {
    name: `main-order-${name}`,
    comment: `main/${name}/ comes before main/${later.join('/, main/')}/. Move this code to the later folder, or what it needs to an earlier one.`,
    from: { path: `^main/${name}/`, pathNot: tests },
    to: { path: `^main/${one(later)}/` },
  }
})

const rules: readonly IRegularForbiddenRuleType[] = [
  ...engineRules,
  ...mainRules,
  {
    name: 'engine-order-unknown',
    comment: 'This folder of engine/ has no place in the order yet. Give it one in build/rooms.ts.',
    from: { path: `^engine/(?!${one(engineOrder.flat())}/)[^/]+/` },
    to: {},
  },
  {
    name: 'engine-alone',
    comment: 'engine/ is a library of its own. Move this code to main/, or what it needs to engine/.',
    from: { path: '^engine/' },
    to: { path: '^(main|renderer|build|assets)/' },
  },
  {
    name: 'api-plain',
    comment: 'What crosses the border is plain data: move this code further into main/, or the type that it needs to engine/requests/.',
    from: { path: '^main/api/', pathNot: tests },
    to: { path: '^(main|engine|renderer|build|assets)/', pathNot: '^(main/api|engine/requests)/' },
  },
  {
    name: 'renderer-by-api',
    comment: 'The screens ask through main/api/. Ask for it by a method, or move the type that it needs to engine/requests/.',
    from: { path: '^renderer/' },
    to: { path: '^(main|engine|build|assets)/', pathNot: '^(main/api|engine/requests)/|^main/commands/index[.]ts$' },
  },
  {
    name: 'commands-as-types',
    comment: 'The commands are only a type to the screens, by which their calls are typed: `import type`.',
    from: { path: '^renderer/' },
    to: { path: '^main/commands/', dependencyTypesNot: ['type-only'] },
  },
  {
    name: 'operations-without-commands',
    comment: 'A worker calls operations and no commands. Move what both need to main/operations/.',
    from: { path: '^main/(worker[.]ts|operations/|processes/)', pathNot: tests },
    to: { path: '^main/(commands|studio|host|jobs)/' },
  },
  ...rendererOrder.slice(0, -1).map((names, i) => {
    const later = rendererOrder.slice(i + 1).flat()
    return {
      name: `renderer-order-${names.join('-')}`,
      comment: `renderer/${names.join('/, renderer/')}/ come before renderer/${later.join('/, renderer/')}/. Move this code to the later folder, or what it needs to an earlier one.`,
      from: { path: `^renderer/${one(names)}/`, pathNot: tests },
      to: { path: `^renderer/${one(later)}/` },
    }
  }),
  {
    name: 'controls-alone',
    comment:
      'A control knows nothing of the studio: what it shows and what becomes of it come in as props, and its words by t(). Move this code to renderer/parts/, or give it what it needs.',
    from: { path: '^renderer/controls/', pathNot: tests },
    to: { path: '^(renderer/state|main)/' },
  },
  {
    name: 'state-without-controls',
    comment: 'State has no looks. Move what both need to renderer/state/, and give it to the control as a prop.',
    from: { path: '^renderer/state/', pathNot: tests },
    to: { path: '^renderer/controls/' },
  },
  {
    name: 'parts-apart',
    comment:
      'Parts of one subject see no others, but for renderer/parts/shell/. Move what both need to renderer/controls/ or renderer/state/.',
    from: { path: '^renderer/parts/([^/]+)/', pathNot: tests },
    to: { path: '^renderer/parts/', pathNot: '^renderer/parts/($1|shell)/' },
  },
  {
    name: 'main-without-shells',
    comment: 'main/electron/, main/server/ and main/cli/ are shells that the rest of main/ does not see. Move what both need further in.',
    from: { path: '^main/(?!(electron|server|cli)/)', pathNot: tests },
    to: { path: '^main/(electron|server|cli)/' },
  },
  {
    name: 'electron-alone',
    comment: 'main/electron/ is a shell that nobody else sees. Move what both need further into main/.',
    from: { path: '^main/(server|cli)/' },
    to: { path: '^main/electron/' },
  },
  {
    name: 'main-without-screens',
    comment: 'main/ knows no screens. Move what both need to main/api/.',
    from: { path: '^main/' },
    to: { path: '^(renderer|build|assets)/' },
  },
  {
    name: 'plain-without-node',
    comment:
      'engine/requests/, main/api/ and renderer/ hold plain data for both sides of the border, without Node. Move this code further in.',
    from: { path: '^(engine/requests|main/api|renderer)/', pathNot: tests },
    to: { dependencyTypes: ['core'] },
  },
  {
    name: 'only-electron-names-electron',
    comment: 'Only main/electron/ names electron. Move this code there.',
    from: { pathNot: '^(main/electron|build)/' },
    to: { path: '^(node_modules/)?electron(/|$)' },
  },
]

/** Between folders, tests apart: these look where they like. */
const circles: IRegularForbiddenRuleType & { readonly scope: 'folder' } = {
  name: 'no-circles',
  comment: 'These rooms import each other in a circle. Move what both need to a room below them.',
  scope: 'folder',
  from: { path: '^(engine|main|renderer)/' },
  to: { circular: true },
}

/** Between files, as they run: one of them would be read before what it is made of is there. */
const fileCircles: IRegularForbiddenRuleType = {
  name: 'no-circles-of-files',
  comment: 'These files import each other in a circle, not for types alone. Move what both need to a file of its own.',
  from: { path: '^(engine|main|renderer)/' },
  to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
}

const options: ICruiseOptions = {
  tsPreCompilationDeps: true,
  doNotFollow: { path: 'node_modules' },
  enhancedResolveOptions: { extensions: ['.ts', '.svelte', '.js', '.mjs'] },
  validate: true,
}

export interface BrokenRule {
  readonly rule: string
  readonly from: string
  readonly to: string
}

/** Imports below `root` that a rule forbids. */
export async function brokenRules(root: string, tops: readonly string[]): Promise<BrokenRule[]> {
  const look = async (forbidden: readonly IForbiddenRuleType[], exclude: string): Promise<BrokenRule[]> => {
    const ruleSet = { forbidden: forbidden.map((rule) => ({ ...rule, severity: 'error' as const })) }
    const { output } = await cruise([...tops], { ...options, exclude: { path: exclude }, ruleSet, baseDir: root })
    return (output as ICruiseResult).summary.violations.map(({ rule, from, to }) => ({ rule: rule.name, from, to }))
  }
  return [...(await look(rules, made)), ...(await look([circles, fileCircles], `${made}|${tests}`))]
}

/** The same for this repository, one sentence each, and how many of them are circles. */
export async function roomProblems(root = join(import.meta.dirname, '..')): Promise<{ circles: number; problems: string[] }> {
  const found = await brokenRules(root, ['engine', 'main', 'renderer', 'build'])
  const advice = new Map([...rules, circles, fileCircles].map(({ name, comment }) => [name, comment]))
  return {
    circles: found.filter(({ rule }) => rule === circles.name || rule === fileCircles.name).length,
    problems: found.map(({ rule, from, to }) => `${from} → ${to}: ${advice.get(rule)}`),
  }
}
