/**
 * What must happen at once, as Lua. A record is a hash: `k:<key>` holds `<expiry in ms since 1970, 0 for none>:<DUMP>`,
 * `m:…` says what the record is about. A mark is a hash, too: `k:<key>` holds the SHA-1 of the `DUMP` of a key that was
 * brought back, as it was then.
 */

const nowMs = `
  local time = redis.call('TIME')
  local now = time[1] * 1000 + math.floor(time[2] / 1000)`;

/**
 * KEYS: the record, then keys. ARGV: bounds of the record (keys, bytes, bytes of one), seconds to keep it, keys removed
 * before that are not counted yet. The first write is one that a full server refuses, so that it refuses all or nothing.
 */
export const recordAndRemove = `
  local record = KEYS[1]
  redis.call('HINCRBY', record, 'm:removed', ARGV[5])
  redis.call('EXPIRE', record, ARGV[4])
  local kept = tonumber(redis.call('HGET', record, 'm:recorded') or '0')
  local bytes = tonumber(redis.call('HGET', record, 'm:bytes') or '0')
  ${nowMs}
  local removed = 0
  for i = 2, #KEYS do
    local field = 'k:' .. KEYS[i]
    local before = redis.call('HSTRLEN', record, field)
    local size = redis.call('MEMORY', 'USAGE', KEYS[i])
    if size then
      local dump = false
      if size <= tonumber(ARGV[3]) and (before > 0 or kept < tonumber(ARGV[1])) then dump = redis.call('DUMP', KEYS[i]) end
      if dump and bytes + #dump <= tonumber(ARGV[2]) then
        local left = redis.call('PTTL', KEYS[i])
        local value = string.format('%.0f', left >= 0 and now + left or 0) .. ':' .. dump
        kept = kept + redis.call('HSET', record, field, value)
        bytes = bytes + #value - before
      elseif before > 0 then
        redis.call('HDEL', record, field)
        kept = kept - 1
        bytes = bytes - before
      end
      removed = removed + redis.call('UNLINK', KEYS[i])
    end
  end
  redis.call('HINCRBY', record, 'm:removed', removed)
  redis.call('HSET', record, 'm:recorded', kept, 'm:bytes', bytes)
  return removed`;

/** KEYS: a record. ARGV: cursor, names wanted. One page: next cursor, missing, present, expired, names of missing keys. */
export const compareRecord = `
  ${nowMs}
  local page = redis.call('HSCAN', KEYS[1], ARGV[1], 'MATCH', 'k:*', 'COUNT', 200)
  local missing, present, expired, names = 0, 0, 0, {}
  for i = 1, #page[2], 2 do
    local key = string.sub(page[2][i], 3)
    local expiry = tonumber(string.match(page[2][i + 1], '^(%d+):'))
    if redis.call('EXISTS', key) == 1 then present = present + 1
    elseif expiry > 0 and expiry <= now then expired = expired + 1
    else
      missing = missing + 1
      if #names < tonumber(ARGV[2]) then names[#names + 1] = key end
    end
  end
  return {page[1], missing, present, expired, names}`;

/** KEYS: record, mark. ARGV: cursor, seconds to keep the mark. One page: next cursor, present, expired. */
export const restorePage = `
  ${nowMs}
  local mark = KEYS[2]
  redis.call('HINCRBY', mark, 'm:restored', 0)
  redis.call('EXPIRE', mark, ARGV[2])
  local page = redis.call('HSCAN', KEYS[1], ARGV[1], 'MATCH', 'k:*', 'COUNT', 50)
  local present, expired = 0, 0
  for i = 1, #page[2], 2 do
    local field = page[2][i]
    local key = string.sub(field, 3)
    local expiry, dump = string.match(page[2][i + 1], '^(%d+):(.*)$')
    if redis.call('HEXISTS', mark, field) == 0 then
      if redis.call('EXISTS', key) == 1 then present = present + 1
      elseif tonumber(expiry) > 0 and tonumber(expiry) <= now then expired = expired + 1
      else
        redis.call('RESTORE', key, expiry, dump, 'ABSTTL')
        redis.call('HSET', mark, field, redis.sha1hex(redis.call('DUMP', key)))
        redis.call('HINCRBY', mark, 'm:restored', 1)
      end
    end
  end
  return {page[1], present, expired}`;

/** KEYS: mark. ARGV: cursor. One page: next cursor, how many of its keys are there. */
export const countMarked = `
  local page = redis.call('HSCAN', KEYS[1], ARGV[1], 'MATCH', 'k:*', 'COUNT', 200)
  local present = 0
  for i = 1, #page[2], 2 do present = present + redis.call('EXISTS', string.sub(page[2][i], 3)) end
  return {page[1], present}`;

/**
 * KEYS: mark. ARGV: cursor, bytes of the largest value that may be one of ours. Removes a page of marked keys, each once;
 * what the service has written since stays.
 */
export const removeMarked = `
  local page = redis.call('HSCAN', KEYS[1], ARGV[1], 'MATCH', 'k:*', 'COUNT', 200)
  for i = 1, #page[2], 2 do
    local field, print = page[2][i], page[2][i + 1]
    local key = string.sub(field, 3)
    if redis.call('HDEL', KEYS[1], field) == 1 then
      local size = redis.call('MEMORY', 'USAGE', key)
      if size then
        local same = size <= tonumber(ARGV[2]) and redis.sha1hex(redis.call('DUMP', key)) == print
        if same then redis.call('UNLINK', key) end
        redis.call('HINCRBY', KEYS[1], same and 'm:removed' or 'm:changed', 1)
      end
    end
  end
  return {page[1]}`;
