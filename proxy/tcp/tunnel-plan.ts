/** A TCP proxy's tunneling_config compiled: whom the request names, what it carries. */
import type { TcpTunnel } from '@weft/core/proxy-config';
import { ByteWriter } from '@weft/wire/http1';
import { allocateSlab } from '../http/octets.ts';
import { Http2Shared } from '../http2/shared.ts';
import type { EngineRuntime } from '../ports.ts';
import { compileAdditions, type MutationStep } from '../router/header-mutations.ts';
import { compileValueFormat, type ValueFormat } from '../router/value-format.ts';

export interface TunnelPlan {
  readonly hostname: ValueFormat;
  readonly postPath: string | undefined;
  readonly headers: MutationStep | undefined;
  readonly parts: TunnelParts;
}

/** What the connections of all tunnels of a TCP proxy share. */
export interface TunnelParts {
  readonly runtime: EngineRuntime;
  readonly http2: Http2Shared;
  readonly upstreamOut: ByteWriter;
}

/** Throws with what cannot be compiled. */
export function compileTunnel(tunnel: TcpTunnel, runtime: EngineRuntime): TunnelPlan {
  const fail = (fault: string): never => {
    throw new Error(`tunneling_config: ${fault}`);
  };
  const hostname = compileValueFormat(tunnel.hostname);
  if ('fault' in hostname) return fail(hostname.fault);
  return {
    hostname: hostname.format,
    postPath: tunnel.postPath,
    headers: compileAdditions(tunnel.headersToAdd, fail),
    parts: { runtime, http2: new Http2Shared(runtime.clock), upstreamOut: new ByteWriter(allocateSlab) },
  };
}
