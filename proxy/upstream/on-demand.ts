/** Parts of clusters that few configurations have, loaded with the first cluster that does, as HTTP filters are (filters/index.ts). */
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

export const healthChecker = () => require('./health-checker.ts') as typeof import('./health-checker.ts');
export const originalDestinations = () =>
  require('./original-destination.ts') as typeof import('./original-destination.ts');
export const namedHosts = () => require('./named-hosts.ts') as typeof import('./named-hosts.ts');
export const resolving = () => require('./resolving.ts') as typeof import('./resolving.ts');
export const subsetChoice = () => require('./subsets.ts') as typeof import('./subsets.ts');
export const aggregate = () => require('./aggregate.ts') as typeof import('./aggregate.ts');
export const hashing = () => require('./balance/hashing.ts') as typeof import('./balance/hashing.ts');
