/** The process's clocks, for everything outside the engine. */
export { systemMonotonicClock, systemWallClock } from '@weft/proxy/time';
