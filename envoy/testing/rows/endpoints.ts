/** Arbitrary endpoint sets. */
import type { EndpointSet, SocketAddress } from '@weft/core/proxy-config';
import fc from 'fast-check';
import { type Arb, internalAddress, ipAddress, lbMetadata, maybe, name, pipeAddress, record } from './values.ts';

export const endpointsOf = (address: Arb<SocketAddress>, given: Arb<string>, min = 0): Arb<EndpointSet> =>
  record({
    name: given,
    localities: fc
      .array(
        record({
          locality: record({
            region: fc.constantFrom('', 'r'),
            zone: fc.constantFrom('', 'z1'),
            subZone: fc.constantFrom('', 's'),
          }),
          weight: fc.nat(100),
          endpoints: fc.array(
            record({
              address,
              hostname: fc.constantFrom('', 'host.example.com'),
              healthCheck: maybe(
                record({
                  port: fc.constantFrom(0, 9000),
                  hostname: fc.constantFrom('', 'check'),
                  disabled: fc.boolean(),
                }),
              ),
              health: fc.constantFrom('unknown', 'healthy', 'unhealthy', 'draining', 'timeout', 'degraded'),
              weight: fc.integer({ min: 1, max: 128 }),
              lbMetadata,
              workload: maybe(
                record({
                  workload: fc.constantFrom('', 'shop/orders-x'),
                  identity: fc.constantFrom('', 'spiffe://mesh/ns/shop/sa/orders'),
                  app: fc.constantFrom('', 'orders'),
                  version: fc.constantFrom('', 'v1'),
                  transport: fc.constantFrom('mtls' as const, 'plaintext' as const),
                }),
              ),
            })
              .chain((made) =>
                made.address.kind === 'ip'
                  ? fc.constantFrom(made, { ...made, additionalIps: ['10.9.9.9'] })
                  : fc.constant(made),
              )
              .map((made) =>
                (made.address.kind === 'pipe' || made.address.kind === 'internal') && made.healthCheck !== undefined
                  ? { ...made, healthCheck: { ...made.healthCheck, port: 0 } }
                  : made,
              ),
            { minLength: min, maxLength: min === 0 ? 4 : min },
          ),
        }),
        { minLength: min, maxLength: min === 0 ? 3 : min },
      )
      .map((localities) => localities.map((locality, priority) => ({ ...locality, priority }))),
    overprovisioningFactor: fc.constantFrom(140, 100, 200),
  }) as Arb<EndpointSet>;

export const endpointSet: Arb<EndpointSet> = endpointsOf(fc.oneof(ipAddress, pipeAddress, internalAddress), name);
