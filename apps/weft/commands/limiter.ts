/**
 * `weft limiter`: counts requests for all proxies of a mesh (kind RateLimit, `global`), as a service behind a sidecar:
 * `weft run --name limiter --port 8081/grpc -- weft limiter`. One line when it is ready; TERM and INT end it after what was asked is answered.
 */
import {
  type Counters,
  Limiter,
  LimiterServer,
  MemoryCounters,
  OverLimitCache,
  RedisClient,
  RedisCounters,
} from '@weft/control/limiter';
import { systemMonotonicClock } from '../clocks.ts';
import { formatHostPort, parseHostPort } from '../control-plane/addresses.ts';
import { CommandError, EXIT_OK, UsageError } from '../errors.ts';
import { type Log, processLog } from '../log.ts';

export interface LimiterFlags {
  readonly listen: string;
  readonly redis?: string;
  readonly redisTls?: boolean;
  readonly redisDatabase: string;
  readonly redisTimeout: string;
  readonly counters: string;
}

export async function limiter(flags: LimiterFlags): Promise<number> {
  const listen = parseHostPort(flags.listen);
  if (listen === undefined) throw new UsageError(`--listen takes HOST:PORT, not '${flags.listen}'`);
  const most = number('--counters', flags.counters, 1, 10_000_000);
  const log = processLog('limiter');
  const counters = flags.redis === undefined ? inMemory(most) : await inRedis(flags, flags.redis, most, log);
  const answers = new Limiter(counters, failureLog(log));
  const server = new LimiterServer(answers);
  const ended = new Promise<void>((resolve) => {
    process.once('SIGTERM', resolve);
    process.once('SIGINT', resolve);
  });
  const port = await server.start(listen.host, listen.port).catch((error: unknown) => {
    answers.stop();
    throw new CommandError(
      `${flags.listen}: ${error instanceof Error ? error.message : String(error)}`,
      'Name an address and port of this host that are free.',
    );
  });
  process.stdout.write(
    `limiter is ready: ${formatHostPort({ host: listen.host, port })}, counters in ${flags.redis ?? 'memory'}\n`,
  );
  await ended;
  await server.stop();
  answers.stop();
  log.info('ended', { ...answers.totals });
  return EXIT_OK;
}

const inMemory = (most: number): Counters => new MemoryCounters({ clock: systemMonotonicClock, most });

/** What is over its limit is remembered here, as many as there are counters in memory. */
async function inRedis(flags: LimiterFlags, address: string, most: number, log: Log): Promise<Counters> {
  const server = parseHostPort(address);
  if (server === undefined) throw new UsageError(`--redis takes HOST:PORT, not '${address}'`);
  const known = Promise.withResolvers<void>();
  const client = new RedisClient({
    ...server,
    username: process.env['WEFT_REDIS_USERNAME'] ?? '',
    password: process.env['WEFT_REDIS_PASSWORD'] ?? '',
    database: number('--redis-database', flags.redisDatabase, 0, 65_535),
    tls: flags.redisTls ?? false,
    timeout: number('--redis-timeout', flags.redisTimeout, 1, 60_000),
    clock: systemMonotonicClock,
    onState: (state, reason) => {
      if (state === 'connected') log.info('redis is there', { address });
      else log.warn('redis is not there', { address, reason });
      known.resolve();
    },
  });
  client.start();
  // Serves also without it: what proxies do then their policies say.
  await known.promise;
  return new OverLimitCache(new RedisCounters(client), { clock: systemMonotonicClock, most });
}

/** Of many failures in one second one line. */
function failureLog(log: Log): (error: Error) => void {
  let next = 0;
  return (error) => {
    const now = systemMonotonicClock.now();
    if (now < next) return;
    next = now + 1000;
    log.warn('could not count', { reason: error.message });
  };
}

function number(flag: string, text: string, least: number, most: number): number {
  const value = /^\d{1,9}$/.test(text) ? Number(text) : -1;
  if (value < least || value > most)
    throw new UsageError(`${flag} takes a number from ${least} to ${most}, not '${text}'`);
  return value;
}
