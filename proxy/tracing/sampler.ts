/** Samplers of OpenTelemetry: what decides whether a span is recorded, instead of the connection manager. */
import type { TraceRule, TraceSampler } from '@weft/core/proxy-config';
import type { Exchange } from '../http/exchange.ts';
import type { TraceContext } from './formats/context.ts';

/** `exchange`: whose request it is, its route known. */
export type Sampler = (parent: TraceContext | undefined, traceId: string, exchange: Exchange) => boolean;

export function compileSampler(sampler: TraceSampler): Sampler {
  switch (sampler.kind) {
    case 'always-on':
      return () => true;
    case 'trace-id-ratio': {
      const { numerator, denominator } = sampler.fraction;
      return (_parent, traceId) => drawn(traceId) < numerator / denominator;
    }
    case 'parent-based': {
      const root = compileSampler(sampler.root);
      return (parent, traceId, exchange) => parent?.sampled ?? root(undefined, traceId, exchange);
    }
    case 'mesh': {
      const { rules, sampling } = sampler;
      return (parent, traceId, exchange) =>
        parent?.sampled ?? drawn(traceId) < (rules.find((rule) => isAbout(rule, exchange))?.sampling ?? sampling) / 100;
    }
  }
}

/** In [0, 1), by the last 32 bits of the id, which every generator draws at random. */
const drawn = (traceId: string): number => Number.parseInt(traceId.slice(24), 16) / 0x1_0000_0000;

/** Cluster of a service port: `outbound/NAMESPACE/SERVICE/PORT`. */
function isAbout({ namespace, service, pathPrefix, header }: TraceRule, exchange: Exchange): boolean {
  if (pathPrefix !== '' && !exchange.head.path.startsWith(pathPrefix)) return false;
  if (header !== undefined) {
    const value = exchange.requestHeader(header.name);
    if (value === undefined || (header.value !== undefined && value !== header.value)) return false;
  }
  if (service === '') return true;
  const target = exchange.plan?.forward?.target;
  const name = target?.kind === 'cluster' ? target.cluster : (exchange.weighted?.cluster ?? '');
  const [side, ofNamespace, ofService] = name.split('/');
  return side === 'outbound' && ofService === service && (namespace === '' || ofNamespace === namespace);
}
