/**
 * ProxyConfig: what one proxy must do, in Envoy's concepts and semantics, as six tables of named resources. It is the normal form of
 * the part of Envoy v3 that Weft supports: closed tagged unions instead of Any, every default filled in, one way to say a thing.
 * It holds names of secrets, never a key. All durations are milliseconds; 0 means "off" only where a field says so.
 * Everything is plain, deeply readonly data: compile makes it, envoy encodes and decodes it, the engine reads it.
 */
export * from './access-log.ts';
export * from './address.ts';
export * from './cluster.ts';
export * from './dns-cache.ts';
export * from './edge-headers.ts';
export * from './endpoint.ts';
export * from './ext-authz.ts';
export * from './ext-proc.ts';
export * from './http-filter.ts';
export * from './http.ts';
export * from './jwt-authn.ts';
export * from './listener.ts';
export * from './matcher.ts';
export * from './metadata.ts';
export * from './otlp.ts';
export * from './overload.ts';
export * from './own-answer.ts';
export * from './patch.ts';
export * from './rate-limit.ts';
export * from './rbac.ts';
export * from './resource-file.ts';
export * from './route.ts';
export * from './runtime.ts';
export * from './scope.ts';
export * from './service.ts';
export * from './snapshot.ts';
export * from './source.ts';
export * from './subset.ts';
export * from './text-source.ts';
export * from './tls.ts';
export * from './tracing.ts';
