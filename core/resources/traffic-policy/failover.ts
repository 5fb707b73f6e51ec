/** Who answers in a service's place when too few of its endpoints are healthy (Envoy: envoy.clusters.aggregate over the clusters of both). */
import { dnsLabel, dnsSubdomain } from '../schema/formats.ts';
import type { Complete } from '../schema/schema.ts';
import { array, defaulted, integer, object, oneOf, optional, required, string } from '../schema/schema.ts';

const standIn = object({
  kind: defaulted(oneOf(['Service', 'Subset']), 'Service', '`Service`, or `Subset`: a part of one.'),
  name: required(string({ format: dnsSubdomain }), 'Its name.'),
  namespace: optional(
    string({ format: dnsLabel }),
    'Its namespace. Absent: the policy’s own. Another one needs a ReferenceGrant there, `from` TrafficPolicy of `weft.dev`.',
  ),
  port: required(integer(1, 65_535), 'Its port (`spec.ports[].port`).'),
});

export const failover = object({
  to: required(
    array(standIn, { minItems: 1, maxItems: 8, uniqueBy: ['kind', 'namespace', 'name', 'port'] }),
    'In this order: each takes the share that those before it have too few healthy endpoints for. Callers verify its identities, not those of the service that they named, and its own policies hold for the connections there; its own `failover` does not.',
  ),
});

export type Failover = Complete<typeof failover>;
