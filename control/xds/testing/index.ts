/** Tools for tests and benchmarks of xDS: rows, an in-process client, a model client. */
export * from './harness.ts';
export * from './rows.ts';
export * from './judged-control-plane.ts';
