// Which files of a store calls still need: who hands a call in holds its files first, and what nobody holds any more is removed. Counted in Redis, each change
// in one script, so that a file that one asker just found is not taken away under it by another.
import type { Redis } from 'ioredis'
import { setTimeout as delay } from 'node:timers/promises'
import { keyPrefix } from '../redis/connection.ts'
import { inputName, type ContentHash, type ContentStore } from './content-store.ts'

/** In Lua, for scripts that end a call: what it alone held is not needed any more. */
export const releaseFunction = `
  local function release(id)
    for _, hash in ipairs(redis.call('SMEMBERS', '${keyPrefix}:holds:' .. id)) do
      redis.call('SREM', '${keyPrefix}:held:' .. hash, id)
      if redis.call('SCARD', '${keyPrefix}:held:' .. hash) == 0 then redis.call('SADD', '${keyPrefix}:unneeded', hash) end
    end
    redis.call('DEL', '${keyPrefix}:holds:' .. id)
    redis.call('ZREM', '${keyPrefix}:holders', id)
  end`

const scripts = {
  // Not while somebody removes what nobody needs.
  hold: `
    if redis.call('EXISTS', '${keyPrefix}:sweeping') == 1 then return 0 end
    redis.call('ZADD', '${keyPrefix}:holders', redis.call('TIME')[1], ARGV[1])
    for i = 2, #ARGV do
      redis.call('SADD', '${keyPrefix}:held:' .. ARGV[i], ARGV[1])
      redis.call('SADD', '${keyPrefix}:holds:' .. ARGV[1], ARGV[i])
      redis.call('SREM', '${keyPrefix}:unneeded', ARGV[i])
    end
    return 1`,
  // A call that was forgotten (stopped or failed, and nobody came back in ARGV[3] seconds) needs nothing either.
  begin: `
    ${releaseFunction}
    if not redis.call('SET', '${keyPrefix}:sweeping', ARGV[1], 'NX', 'PX', ARGV[2]) then return {} end
    local old = redis.call('TIME')[1] - ARGV[3]
    for _, id in ipairs(redis.call('ZRANGEBYSCORE', '${keyPrefix}:holders', '-inf', old)) do
      if redis.call('EXISTS', '${keyPrefix}:call:' .. id) == 0 then release(id) end
    end
    return redis.call('SRANDMEMBER', '${keyPrefix}:unneeded', 1000)`,
  // Gives whether the turn is still ours.
  removed: `
    if redis.call('GET', '${keyPrefix}:sweeping') ~= ARGV[1] then return 0 end
    redis.call('PEXPIRE', '${keyPrefix}:sweeping', ARGV[2])
    redis.call('SREM', '${keyPrefix}:unneeded', ARGV[3])
    return 1`,
  end: `if redis.call('GET', '${keyPrefix}:sweeping') == ARGV[1] then redis.call('DEL', '${keyPrefix}:sweeping') end`,
} as const

/** Milliseconds that one removal may take; who takes longer, or died, is not waited for. */
const turn = 60_000
/** Seconds, as long as the ledger remembers a call that is over. */
export const forgottenAfter = 30 * 86_400
const pause = 100

/** Keeps files for a call, there or not. Before it is looked which of them are. */
export async function holdFiles(client: Redis, call: string, hashes: readonly ContentHash[]): Promise<void> {
  while ((await client.eval(scripts.hold, 0, call, ...new Set(hashes))) !== 1) await delay(pause)
}

/** Removes from the store what no call needs any more; where another does that already, nothing. */
export async function sweepStore(client: Redis, store: ContentStore): Promise<void> {
  const who = `${process.pid}-${Math.random()}`
  const unneeded = (await client.eval(scripts.begin, 0, who, turn, forgottenAfter)) as string[]
  if (unneeded.length === 0) return void (await client.eval(scripts.end, 0, who))
  try {
    for (const hash of unneeded) {
      await store.remove(inputName(hash))
      if ((await client.eval(scripts.removed, 0, who, turn, hash)) !== 1) return
    }
  } finally {
    await client.eval(scripts.end, 0, who)
  }
}
