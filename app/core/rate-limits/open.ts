import type { Settings } from '../config.ts'
import { openRedis } from '../redis.ts'
import type { RateLimiter } from './limiter.ts'
import { MemoryLimiter } from './memory-limiter.ts'
import { RedisLimiter } from './redis-limiter.ts'

/** The limiter of the settings: all processes' together with `REDIS_URL`, else this one's alone. */
export async function openLimiter({
  REDIS_URL,
  RATE_LIMIT_ENABLED,
}: Pick<Settings, 'REDIS_URL' | 'RATE_LIMIT_ENABLED'>): Promise<RateLimiter> {
  return REDIS_URL && RATE_LIMIT_ENABLED ? new RedisLimiter(await openRedis(REDIS_URL)) : new MemoryLimiter()
}
