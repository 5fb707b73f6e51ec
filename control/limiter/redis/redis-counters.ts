/**
 * Counters in Redis, shared by all limiters that name the same server. A script counts the takes of one question at once, by the server's
 * own clock; each counter expires by itself. A server alone, or behind Sentinel: keys of one question may not be on several servers.
 */
import { type Count, countOf, type Counters, type Take } from '../counters.ts';
import { RedisUnavailable } from './client.ts';
import { type Reply, RespError } from './resp.ts';

/** What of a client is used. */
export interface RedisCommands {
  send(command: readonly (string | number)[]): Promise<Reply>;
  stop(): void;
}

const PREFIX = 'weft:limit';

/**
 * For each key five arguments: algorithm, requests, per (ms), hits, shadow (0 or 1). Answers for each key: whether it fits, its level
 * afterwards, ms left of its window. What a level is says counters.ts.
 */
const SCRIPT = `
local time = redis.call('TIME')
local now = time[1] * 1000 + time[2] / 1000
local levels, lefts, nexts, fitting = {}, {}, {}, {}
local all = true
for i, key in ipairs(KEYS) do
  local at = (i - 1) * 5
  local algorithm, requests, per = ARGV[at + 1], tonumber(ARGV[at + 2]), tonumber(ARGV[at + 3])
  local hits, shadow = tonumber(ARGV[at + 4]), ARGV[at + 5] == '1'
  local held = tonumber(redis.call('GET', key) or '0')
  local step, full = 1, requests
  if algorithm == 'fixed' then
    levels[i] = held
    lefts[i] = per - now % per
  else
    step, full = per / requests, per + 0.001
    levels[i] = math.max(0, held - now)
    lefts[i] = 0
  end
  fitting[i] = hits <= 0 or levels[i] + hits * step <= full
  nexts[i] = math.max(0, levels[i] + hits * step)
  if not fitting[i] and not shadow then all = false end
end
local answer = {}
for i, key in ipairs(KEYS) do
  local algorithm = ARGV[(i - 1) * 5 + 1]
  if all and fitting[i] then
    levels[i] = nexts[i]
    if algorithm == 'fixed' then
      redis.call('SET', key, levels[i], 'PX', math.max(1, math.ceil(lefts[i])))
    elseif levels[i] > 0 then
      redis.call('SET', key, string.format('%.6f', now + levels[i]), 'PX', math.max(1, math.ceil(levels[i])))
    else
      redis.call('DEL', key)
    end
  end
  answer[i] = { fitting[i] and 1 or 0, string.format('%.6f', levels[i]), string.format('%.6f', lefts[i]) }
end
return answer
`;

export class RedisCounters implements Counters {
  readonly #redis: RedisCommands;
  #sha: string | undefined;

  constructor(redis: RedisCommands) {
    this.#redis = redis;
  }

  async take(takes: readonly Take[]): Promise<readonly Count[]> {
    const keys = takes.map(({ key, limit: { algorithm, per } }) => `${PREFIX}:${algorithm}:${per}:${key}`);
    const values = takes.flatMap(({ limit: { algorithm, requests, per, shadow }, hits }) => [
      algorithm,
      requests,
      per,
      hits,
      shadow ? 1 : 0,
    ]);
    const reply = await this.#run([keys.length, ...keys, ...values]);
    if (!Array.isArray(reply) || reply.length !== takes.length) throw new RedisUnavailable('an answer of another form');
    return takes.map((take, index) => counted(take, (reply as readonly Reply[])[index]));
  }

  stop(): void {
    this.#redis.stop();
  }

  /** A server that began anew does not know the script. */
  async #run(rest: readonly (string | number)[]): Promise<Reply> {
    if (this.#sha !== undefined) {
      try {
        return await this.#redis.send(['EVALSHA', this.#sha, ...rest]);
      } catch (error) {
        if (!(error instanceof RespError) || error.code !== 'NOSCRIPT') throw error;
      }
    }
    const sha = await this.#redis.send(['SCRIPT', 'LOAD', SCRIPT]);
    if (typeof sha !== 'string') throw new RedisUnavailable('an answer of another form');
    this.#sha = sha;
    return this.#redis.send(['EVALSHA', sha, ...rest]);
  }
}

function counted(take: Take, reply: Reply | undefined): Count {
  if (!Array.isArray(reply)) throw new RedisUnavailable('an answer of another form');
  const [fits, level, left] = reply as readonly Reply[];
  return countOf(take, fits === 1, Number(level), Number(left));
}
