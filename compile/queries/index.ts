/** Compilation as pure queries over a MeshView. */
export * from './outbound-class.ts';
export * from './proxy.ts';
