/** Every behaviour, in the order in which they contribute. A place a behaviour has nothing to say about is passed over. */
import type { Behaviour } from './behaviour.ts';
import { mtls } from './mtls/index.ts';
import { split } from './split/index.ts';

export const BEHAVIOURS: readonly Behaviour[] = [
  // Decides whether there is a forward action at all, which the rest refine.
  split,
  // Wraps finished chains and clusters in TLS: after everything that adds filters to a chain.
  mtls,
];
