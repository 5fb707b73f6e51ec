/** What all gRPC cases refer to: `a`, `b`, `c` are echo servers of the workload `echo`, `empty` has no endpoint. */
import { objectsOf } from '@weft/testkit/mesh-cases';

/** Ports of the guarded workloads, each an echo server of its name. */
export const GUARDED = ['accounts', 'denied', 'methods', 'tokens', 'counted', 'closed', 'moving', 'bare'] as const;

export const grpcContext = (): readonly unknown[] => [
  ...['a', 'b', 'c'].flatMap((name) => objectsOf({ name, service: name, protocol: 'grpc', backend: { port: name } })),
  ...objectsOf({ name: 'empty', service: 'empty', protocol: 'grpc', backend: { selector: { app: 'nobody' } } }),
];
