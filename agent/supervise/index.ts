/** The child process of `weft run`. */
export * from './command.ts';
export * from './supervisor.ts';
export { withoutSecrets } from './environment.ts';
