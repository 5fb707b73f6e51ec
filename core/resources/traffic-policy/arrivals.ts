/** What the sidecars of a service, and Gateways, take (Envoy: listener filter proxy_protocol, connection_limit, HttpConnectionManager). */
import { parseCidr, unmapIpv4Cidr } from '../../kernel/index.ts';
import { cidr, duration } from '../schema/formats.ts';
import { array, integer, object, optional, type Report, required, string } from '../schema/schema.ts';

function notEverybody({ from }: { readonly from: readonly string[] }, report: Report): void {
  for (const [index, range] of from.entries()) {
    const parsed = parseCidr(range);
    if (parsed !== undefined && unmapIpv4Cidr(parsed).prefix === 0)
      report(
        ['from', index],
        'invalid-value',
        `\`${range}\` is everybody: whoever connects could name any address`,
        'name the addresses of your load balancers',
      );
  }
}

const proxyProtocol = object(
  {
    from: required(
      array(string({ format: cidr }), { minItems: 1, maxItems: 64, uniqueBy: 'item' }),
      'The load balancers: addresses that connections must come from. Whoever connects from there may name any address as the caller’s, so name load balancers alone, and no range that workloads have addresses in.',
    ),
  },
  notEverybody,
);

const xForwardedFor = object(
  {
    from: required(
      array(string({ format: cidr }), { minItems: 1, maxItems: 64, uniqueBy: 'item' }),
      'The proxies: addresses that requests must come from. What others say in the header counts for nothing, their own address does.',
    ),
    trustedHops: optional(
      integer(1, 16),
      'The client is the last but so many of the header: 1 is the last, the one that the proxy before the Gateway saw; 2 the one before, which that proxy’s own caller told it. Whoever reaches one of the proxies around those before it chooses what is told: leave it away where you know their addresses. Absent: from the right, addresses in `from` are passed over; the first other one is the client.',
    ),
  },
  notEverybody,
);

const limits = object({
  connections: optional(
    integer(1, 4_294_967_295),
    'Connections at a time; a further one is closed. Where a mesh is permissive, those with mutual TLS and those in plaintext each. At a Gateway: of each listener, those of HTTP on one port together. Absent: 10000.',
  ),
  streamsPerConnection: optional(
    integer(1, 2_147_483_647),
    'HTTP/2: requests at a time of one connection, as callers are told. Absent: 100.',
  ),
});

const timeouts = object({
  requestHeaders: optional(
    string({ format: duration }),
    'HTTP: from the first octet of a request to the end of its head; then 408. `0s`: none. Absent: 15 s.',
  ),
});

export const arrivals = object({
  proxyProtocol: optional(
    proxyProtocol,
    'Each connection begins with a PROXY header, version 1 or 2, and the address that it tells counts as the caller’s: for `ipBlocks` of AccessPolicies, `x-forwarded-for`, limits and logs. A connection without one, with a broken one, or from elsewhere than `from` is closed. Callers of the mesh send none: such a port of a sidecar is closed to them, its workloads are no endpoints. Datagrams have none: a Gateway’s listener of UDP is left as it is. Absent: no headers are taken, also where a less specific policy says so.',
  ),
  xForwardedFor: optional(
    xForwardedFor,
    'Proxies that speak HTTP before a Gateway, and tell in `x-forwarded-for` whom a request is from: that address counts for `remoteIpBlocks` of AccessPolicies, rate limits by address and logs; `ipBlocks` are about the connection still. `x-forwarded-proto` of theirs is believed too. Beside `proxyProtocol` the address that a PROXY header tells is asked whether it is one of `from`. About Gateways alone; ports without requests are left as they are. Absent: nobody’s header is believed, also where a less specific policy says so.',
  ),
  limits: optional(limits, 'What the called side takes at a time. Nothing at a Gateway’s listener of UDP.'),
  timeouts: optional(timeouts, 'How long callers may take.'),
});
