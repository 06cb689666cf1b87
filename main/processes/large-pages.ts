// Memory in large pages for a process that computes. glibc asks the kernel for them where it is told to (madvise, glibc 2.35 and later; "Memory
// Allocation Tunables" in its manual); most distributions give them to nobody else. Elsewhere nobody reads this. build/run.mjs says the same.

const tunable = 'glibc.malloc.hugetlb'

/** The environment, with large pages asked for unless a person has decided that already. Read at a process's start only. */
export function withLargePages(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const { GLIBC_TUNABLES: set = '' } = environment
  if (set.includes(tunable)) return environment
  return { ...environment, GLIBC_TUNABLES: [...(set ? [set] : []), `${tunable}=1`].join(':') }
}
