/** A limiter: counts what proxies ask about, in memory or in Redis, and says what is too much. */
export type { Count, Counters, Take } from './counters.ts';
export * from './limiter.ts';
export * from './limiter-server.ts';
export * from './memory-counters.ts';
export * from './over-limit-cache.ts';
export * from './redis/client.ts';
export * from './redis/redis-counters.ts';
