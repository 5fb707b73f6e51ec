/** For tests and benchmarks only. */
export { type Harness, storeContract } from './contract.ts';
export { type KillReport, killRounds } from './kill.ts';
