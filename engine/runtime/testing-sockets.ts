// What a process and all its children ask of the network, as the kernel sees it.
import { spawnSync } from 'node:child_process'

/** Why sockets cannot be watched here, or nothing. */
export function tracingMissing(): string | undefined {
  if (process.platform !== 'linux') return 'strace, which watches sockets, is of Linux'
  const { status, error } = spawnSync('strace', ['-f', '--seccomp-bpf', '-e', 'trace=socket', '-o', '/dev/null', 'true'])
  return status === 0 ? undefined : `strace, which watches sockets, does not run here (${error?.message ?? `code ${status}`})`
}

/** What to put before a command line so that `file` holds its calls. */
export const tracing = (file: string): readonly string[] => [
  'strace',
  '-f',
  '--seccomp-bpf',
  '-s',
  '64',
  '-e',
  'trace=%network',
  '-o',
  file,
]

const loopback = /inet_addr\("127\.\d+\.\d+\.\d+"\)|inet_pton\(AF_INET6, "(::1|::ffff:127\.[\d.]+)"/

/** Every call that leaves the machine, or prepares it: an address that is not loopback, and a datagram socket, which only a look-up of names needs. */
export function leavingCalls(trace: string): readonly string[] {
  const asked = trace.split('\n').filter((line) => /\b(socket|bind|connect|sendto|sendmsg|sendmmsg)\(/.test(line))
  return asked.filter((line) =>
    /\bsocket\(/.test(line) ? /AF_INET6?, SOCK_(DGRAM|RAW)/.test(line) : /sa_family=AF_INET6?\b/.test(line) && !loopback.test(line),
  )
}
