/** Samplers of OpenTelemetry: what decides whether a span is recorded, instead of the connection manager. */
import type { TraceSampler } from '@weft/core/proxy-config';
import type { TraceContext } from './formats/context.ts';

export type Sampler = (parent: TraceContext | undefined, traceId: string) => boolean;

export function compileSampler(sampler: TraceSampler): Sampler {
  switch (sampler.kind) {
    case 'always-on':
      return () => true;
    case 'trace-id-ratio': {
      const { numerator, denominator } = sampler.fraction;
      // The last 32 bits, which every generator draws at random.
      const bound = (numerator / denominator) * 0x1_0000_0000;
      return (_parent, traceId) => Number.parseInt(traceId.slice(24), 16) < bound;
    }
    case 'parent-based': {
      const root = compileSampler(sampler.root);
      return (parent, traceId) => parent?.sampled ?? root(undefined, traceId);
    }
  }
}
