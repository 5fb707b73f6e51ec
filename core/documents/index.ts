/**
 * The documents that the control plane's pages answer with (`/weft/v1/...`), as JSON has them: the pages write them, the commands and the
 * dashboard read them. They are stable: fields come, none changes its meaning. Types alone.
 */
export type * from './authority.ts';
export type * from './certificates.ts';
export type * from './changes.ts';
export type * from './findings.ts';
export type * from './proxies.ts';
export type * from './questions.ts';
export type * from './requests.ts';
export type * from './service-levels.ts';
export type * from './traces.ts';
export type * from './traffic.ts';
