/** The behaviours of the mesh and the order in which they shape compiled resources. */
export * from './behaviour.ts';
export * from './order.ts';
