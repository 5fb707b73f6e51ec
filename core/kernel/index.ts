/** The words every layer shares: outcomes, findings, clocks, addresses, durations. */
export * from './calendar.ts';
export * from './clock.ts';
export * from './diagnostic.ts';
export * from './duration.ts';
export * from './fair-room.ts';
export * from './ip.ts';
export * from './line.ts';
export * from './octets.ts';
export * from './result.ts';
export * from './special-addresses.ts';
export * from './finding-codes.ts';
export * from './grpc-codes.ts';
