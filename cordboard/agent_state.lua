-- Lets one event happen to one agent: looks the state up, moves it, publishes the change. Atomic.
-- KEYS: agent hash, desk stream, event stream
-- ARGV: agent id, event, moves (JSON {state: new state or "chosen"}), choice or "", now in ms, reason,
--       call id or "", end of wrap-up in ms, desk stream length, event stream length
-- Answers {1, old, new}, or {0, old, ""} when this may not happen now.
local agent_key, desk, events = KEYS[1], KEYS[2], KEYS[3]
local agent, event, choice, now, reason, call = ARGV[1], ARGV[2], ARGV[4], ARGV[5], ARGV[6], ARGV[7]
local wrap_until = ARGV[8]

local old = redis.call('HGET', agent_key, 'state') or 'offline'
local new = cjson.decode(ARGV[3])[old]
if not new then return {0, old, ''} end

local bound = redis.call('HGET', agent_key, 'call') or ''
if call ~= '' and bound ~= '' and bound ~= call then return {0, old, ''} end
if event == 'reserve' then
  local phone = redis.call('HMGET', agent_key, 'registered', 'elsewhere')
  if phone[1] ~= '1' or phone[2] == '1' then return {0, old, ''} end
end

if event == 'log_in' and old ~= 'offline' and redis.call('HGET', agent_key, 'chosen') ~= 'offline' then
  -- A second log-in joins the first: what was chosen, and why, stands.
  choice, reason = '', redis.call('HGET', agent_key, 'reason') or ''
end
if choice ~= '' then redis.call('HSET', agent_key, 'chosen', choice, 'chosen_reason', reason) end
local chosen = redis.call('HGET', agent_key, 'chosen') or 'offline'
if new == 'chosen' then
  new = chosen
  if new ~= 'available' then reason = redis.call('HGET', agent_key, 'chosen_reason') or '' end
end

if event == 'reserve' then redis.call('HSET', agent_key, 'call', call) end
if new == 'available' or new == 'paused' or new == 'offline' or new == 'not_responding' then
  redis.call('HSET', agent_key, 'call', '')
end
if new == 'available' and old ~= 'available' then
  -- A call that never reached the agent does not cost the place among the idle ones.
  if event ~= 'release' then redis.call('HSET', agent_key, 'idle_since_ms', now) end
end
if new == 'wrap_up' and event == 'call_ended' then
  redis.call('HSET', agent_key, 'wrap_until_ms', wrap_until)
elseif old == 'wrap_up' and new ~= 'wrap_up' then
  redis.call('HSET', agent_key, 'wrap_until_ms', '0')
end
if new ~= old then redis.call('HSET', agent_key, 'since_ms', now) end
-- A choice noted during a call must not overwrite why the call's state came about.
if new ~= old or choice == '' or new == choice then redis.call('HSET', agent_key, 'reason', reason) end
redis.call('HSET', agent_key, 'state', new)

local shown = redis.call('HMGET', agent_key, 'since_ms', 'wrap_until_ms', 'reason', 'call')
local data = cjson.encode({
  agent = tonumber(agent), state = new, previous = old, reason = shown[3] or '', chosen = chosen,
  since_ms = tonumber(shown[1] or now), wrap_until_ms = tonumber(shown[2] or '0'), call_id = shown[4] or '',
})
redis.call('XADD', desk, 'MAXLEN', '~', ARGV[9], '*', 'type', 'agent.state_changed', 'data', data)
redis.call('XADD', events, 'MAXLEN', '~', ARGV[10], '*', 'type', 'agent.state_changed', 'data', data)
return {1, old, new}
