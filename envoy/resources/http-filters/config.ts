/** The configuration of each filter of a chain. */
import { NO_MESSAGE_MUTATIONS } from '@weft/core/proxy-config';
import type { HttpFilterConfig } from '@weft/core/proxy-config';
import { pack, type AnyMessage } from '../../tables/index.ts';
import type { AnyDecoders } from '../base/cursor.ts';
import type { Encoding } from '../base/encoding.ts';
import { BUFFER, decodeBuffer, encodeBuffer } from './buffer.ts';
import { COMPRESSOR, decodeCompressor, encodeCompressor } from './compressor.ts';
import { CORS } from './cors.ts';
import { CSRF, decodeCsrf, encodeCsrf } from './csrf.ts';
import {
  decodeDynamicForwardProxy,
  DYNAMIC_FORWARD_PROXY,
  encodeDynamicForwardProxy,
} from './dynamic-forward-proxy.ts';
import { decodeExtAuthz, encodeExtAuthz, EXT_AUTHZ } from './ext-authz.ts';
import { decodeExtProc, encodeExtProc, EXT_PROC } from './ext-proc.ts';
import { DECOMPRESSOR, decodeDecompressor, encodeDecompressor } from './decompressor.ts';
import { decodeFault, encodeFault, FAULT } from './fault.ts';
import { decodeMutations, encodeMutations, HEADER_MUTATION } from './header-mutation.ts';
import { decodeGrpcStats, encodeGrpcStats, GRPC_STATS } from './grpc-stats.ts';
import { decodeHealthCheckFilter, encodeHealthCheckFilter, HEALTH_CHECK } from './health-check.ts';
import { decodeJwtAuthn, encodeJwtAuthn, JWT_AUTHN } from './jwt-authn/index.ts';
import { decodeLocalRateLimit, encodeLocalRateLimit, LOCAL_RATE_LIMIT } from './local-rate-limit.ts';
import { decodeOnDemand, encodeOnDemand, ON_DEMAND } from './on-demand.ts';
import { decodeRateLimitFilter, encodeRateLimitFilter, RATE_LIMIT } from './rate-limit.ts';
import { decodeHttpRbac, encodeHttpRbac, RBAC } from './rbac.ts';
import { decodeSetMetadata, encodeSetMetadata, SET_METADATA } from './set-metadata.ts';
import { decodeStatefulSession, encodeStatefulSession, STATEFUL_SESSION } from './stateful-session.ts';

const GRPC_WEB = 'envoy.extensions.filters.http.grpc_web.v3.GrpcWeb';

export const FILTER_CONFIGS: AnyDecoders<HttpFilterConfig> = {
  [RBAC]: decodeHttpRbac,
  [GRPC_WEB]: () => ({ kind: 'grpc-web' }),
  [FAULT]: decodeFault,
  [HEADER_MUTATION]: (cursor) => ({
    kind: 'header-mutation',
    mutations: cursor.within('mutations', decodeMutations) ?? NO_MESSAGE_MUTATIONS,
    mostSpecificWins: cursor.take('most_specific_header_mutations_wins') ?? false,
  }),
  [CORS]: () => ({ kind: 'cors' }),
  [BUFFER]: decodeBuffer,
  [CSRF]: decodeCsrf,
  [LOCAL_RATE_LIMIT]: (cursor) => decodeLocalRateLimit(cursor, false),
  [COMPRESSOR]: decodeCompressor,
  [EXT_AUTHZ]: decodeExtAuthz,
  [EXT_PROC]: decodeExtProc,
  [RATE_LIMIT]: decodeRateLimitFilter,
  [HEALTH_CHECK]: decodeHealthCheckFilter,
  [JWT_AUTHN]: decodeJwtAuthn,
  [GRPC_STATS]: decodeGrpcStats,
  [DECOMPRESSOR]: decodeDecompressor,
  [STATEFUL_SESSION]: decodeStatefulSession,
  [SET_METADATA]: decodeSetMetadata,
  [ON_DEMAND]: decodeOnDemand,
  [DYNAMIC_FORWARD_PROXY]: decodeDynamicForwardProxy,
};

export function encodeFilterConfig(filter: HttpFilterConfig, encoding: Encoding, path: string): AnyMessage {
  switch (filter.kind) {
    case 'rbac':
      return pack(RBAC, encodeHttpRbac(filter, encoding, path));
    case 'grpc-web':
      return pack(GRPC_WEB, {});
    case 'fault':
      return pack(FAULT, encodeFault(filter));
    case 'header-mutation':
      return pack(HEADER_MUTATION, {
        mutations: encodeMutations(filter.mutations),
        most_specific_header_mutations_wins: filter.mostSpecificWins ? true : undefined,
      });
    case 'cors':
      return pack(CORS, {});
    case 'buffer':
      return pack(BUFFER, encodeBuffer(filter));
    case 'csrf':
      return pack(CSRF, encodeCsrf(filter));
    case 'local-rate-limit':
      return pack(LOCAL_RATE_LIMIT, encodeLocalRateLimit(filter));
    case 'rate-limit':
      return pack(RATE_LIMIT, encodeRateLimitFilter(filter));
    case 'ext-authz':
      return pack(EXT_AUTHZ, encodeExtAuthz(filter));
    case 'ext-proc':
      return pack(EXT_PROC, encodeExtProc(filter));
    case 'compressor':
      return pack(COMPRESSOR, encodeCompressor(filter));
    case 'stateful-session':
      return pack(STATEFUL_SESSION, encodeStatefulSession(filter));
    case 'decompressor':
      return pack(DECOMPRESSOR, encodeDecompressor(filter));
    case 'grpc-stats':
      return pack(GRPC_STATS, encodeGrpcStats(filter));
    case 'health-check':
      return pack(HEALTH_CHECK, encodeHealthCheckFilter(filter));
    case 'jwt-authn':
      return pack(JWT_AUTHN, encodeJwtAuthn(filter, encoding, path));
    case 'on-demand':
      return pack(ON_DEMAND, encodeOnDemand(filter));
    case 'dynamic-forward-proxy':
      return pack(DYNAMIC_FORWARD_PROXY, encodeDynamicForwardProxy(filter));
    case 'set-metadata':
      return pack(SET_METADATA, encodeSetMetadata(filter));
  }
}
