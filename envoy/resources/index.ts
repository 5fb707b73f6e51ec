/**
 * Envoy v3 resources and the rows of ProxyConfig (core/proxy-config), both ways. Laws, each a property test: decode(encode(c)) equals c;
 * for every accepted message m, decode(encode(decode(m))) equals decode(m); what decode does not consume is refused with its path.
 */
export { Cursor, reading } from './base/cursor.ts';
export type { Encoded } from './base/encoding.ts';
export { CERTIFICATE_PROVIDER } from './cluster/encode-grpc.ts';
export * from './cluster/index.ts';
export * from './endpoint/index.ts';
export * from './listener/index.ts';
export * from './route/index.ts';
export { RouteTableWriter } from './route-table-writer.ts';
export * from './rows.ts';
export * from './runtime.ts';
export * from './secret/index.ts';
