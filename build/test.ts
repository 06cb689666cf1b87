// `npm test [-- PATH …]`: the checks of build/check.ts, then every test beside its source; with paths, only the tests that match them.
// The last line is the count: `N passed, N failed`, and how many were skipped.
import { availableParallelism } from 'node:os'
import { startVitest } from 'vitest/node'
import type { Reporter, TestCase, TestModule } from 'vitest/node'
import { runChecks } from './check.ts'

/** Counts tests; a file that cannot be loaded and an error outside of tests count as one failure each. */
class Counter implements Reporter {
  passed = 0
  failed = 0
  readonly skipped: { readonly test: string; readonly reason: string }[] = []

  onTestModuleEnd(module: TestModule): void {
    for (const test of module.children.allTests()) this.#count(test)
    for (const suite of module.children.allSuites()) this.failed += suite.errors().length
    this.failed += module.errors().length
  }

  onTestRunEnd(_modules: readonly TestModule[], errors: readonly unknown[]): void {
    this.failed += errors.length
  }

  #count(test: TestCase): void {
    const result = test.result()
    if (result.state === 'passed') this.passed++
    else if (result.state === 'skipped')
      this.skipped.push({ test: `${test.module.relativeModuleId} > ${test.fullName}`, reason: result.note ?? 'no reason given' })
    else this.failed++ // a test that never ended is no success
  }
}

const paths = process.argv.slice(2)
const began = performance.now()
const static_ = paths.length === 0 ? await runChecks() : { passed: 0, failed: 0 }
const counter = new Counter()
const vitest = await startVitest('test', paths, { watch: false, passWithNoTests: false, reporters: ['default', counter] })
const ended = vitest.state.getTestModules().length > 0
await vitest.close()

const { skipped } = counter
for (const { test, reason } of skipped) console.log(`skipped: ${test}: ${reason}`)
if (!ended) console.error(paths.length > 0 ? `No test file matches ${paths.join(', ')}.` : 'No test file was found.')
const passed = static_.passed + counter.passed
const failed = static_.failed + counter.failed + (ended ? 0 : 1)
const seconds = Math.round((performance.now() - began) / 1000)
console.log(`\nIn ${Math.floor(seconds / 60)} min ${seconds % 60} s on ${availableParallelism()} cores.`)
console.log(`${passed} passed, ${failed} failed${skipped.length > 0 ? `, ${skipped.length} skipped` : ''}`)
// Whatever a test left open must not keep the count from being the end.
process.exit(failed > 0 ? 1 : 0)
