import { COUNTED } from './limiter.ts'

/**
 * What `Windows` does, in Redis, for all keys of a request at once, by Redis' own clock. A window is a hash: `n` is the newest
 * slice, `t` the total up to it, the rest the counts by place. A window that seems to be of the future is a clock that was set
 * back: it begins anew. ARGV has `most` and a slice's microseconds for each key.
 * @returns `used`, and the milliseconds until it is empty and until one more passes, for each key
 */
export const SCRIPT = `
local COUNTED = ${COUNTED}
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local windows, replies, passed = {}, {}, true

for i, key in ipairs(KEYS) do
  local most, width = tonumber(ARGV[2 * i - 1]), tonumber(ARGV[2 * i])
  local slice = math.floor(now / width)
  local state = redis.call('HMGET', key, 'n', 't')
  local newest, used = tonumber(state[1]), tonumber(state[2])
  local gone, wait = {}, 0
  if not newest or newest > slice or slice - newest >= COUNTED then
    newest, used = nil, 0
  else
    for s = newest + 1, slice do gone[#gone + 1] = s % COUNTED end
    if #gone > 0 then
      for _, count in ipairs(redis.call('HMGET', key, unpack(gone))) do used = used - (tonumber(count) or 0) end
    end
  end
  if used >= most then
    passed = false
    local surplus, oldest = used - most + 1, slice - COUNTED + 1
    while oldest < newest do
      surplus = surplus - (tonumber(redis.call('HGET', key, oldest % COUNTED)) or 0)
      if surplus <= 0 then break end
      oldest = oldest + 1
    end
    wait = math.max(1, math.ceil(((oldest + COUNTED) * width - now) / 1000))
  end
  local empty = newest and math.ceil(((newest + COUNTED) * width - now) / 1000) or 0
  windows[i] = { newest = newest, slice = slice, used = used, gone = gone, width = width }
  replies[#replies + 1] = used
  replies[#replies + 1] = empty
  replies[#replies + 1] = wait
end

if not passed then return replies end

for i, key in ipairs(KEYS) do
  local w = windows[i]
  if not w.newest then redis.call('DEL', key) end
  if #w.gone > 0 then redis.call('HDEL', key, unpack(w.gone)) end
  redis.call('HINCRBY', key, w.slice % COUNTED, 1)
  redis.call('HSET', key, 'n', string.format('%.0f', w.slice), 't', w.used + 1)
  redis.call('PEXPIRE', key, math.ceil(COUNTED * w.width / 1000))
  replies[3 * i - 2] = w.used + 1
  replies[3 * i - 1] = math.ceil(((w.slice + COUNTED) * w.width - now) / 1000)
end
return replies
`
