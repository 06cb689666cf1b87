import { expect, test } from 'vitest'
import { withLargePages } from './large-pages.ts'

test('large pages are asked for beside other tunables, and a choice that was made stays', () => {
  const asked = (set?: string) => withLargePages({ HOME: '/h', ...(set === undefined ? {} : { GLIBC_TUNABLES: set }) })
  expect(asked()).toEqual({ HOME: '/h', GLIBC_TUNABLES: 'glibc.malloc.hugetlb=1' })
  expect(asked('glibc.malloc.arena_max=2').GLIBC_TUNABLES).toBe('glibc.malloc.arena_max=2:glibc.malloc.hugetlb=1')
  expect(asked('glibc.malloc.hugetlb=0').GLIBC_TUNABLES).toBe('glibc.malloc.hugetlb=0')
})
