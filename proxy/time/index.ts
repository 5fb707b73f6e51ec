/** Time for the engine: the process's clocks and the wheel that all exchange and connection time-outs share. */
export { systemMonotonicClock, systemWallClock } from './system-clock.ts';
export { TurnClock } from './turn-clock.ts';
export { HashedTimerWheel } from './wheel.ts';
