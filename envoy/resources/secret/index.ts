/** Secrets as SDS serves them. */
export * from './secret.ts';
