/** What the sidecars of a service, and Gateways, take from connections that come from outside the mesh (Envoy: listener filter proxy_protocol). */
import { parseCidr, unmapIpv4Cidr } from '../../kernel/index.ts';
import { cidr } from '../schema/formats.ts';
import { array, object, optional, required, string } from '../schema/schema.ts';

const proxyProtocol = object(
  {
    from: required(
      array(string({ format: cidr }), { minItems: 1, maxItems: 64, uniqueBy: 'item' }),
      'The load balancers: addresses that connections must come from. Whoever connects from there may name any address as the caller’s, so name load balancers alone, and no range that workloads have addresses in.',
    ),
  },
  ({ from }, report) => {
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
  },
);

export const arrivals = object({
  proxyProtocol: optional(
    proxyProtocol,
    'Each connection begins with a PROXY header, version 1 or 2, and the address that it tells counts as the caller’s: for `ipBlocks` of AccessPolicies, `x-forwarded-for`, limits and logs. A connection without one, with a broken one, or from elsewhere than `from` is closed. Callers of the mesh send none: such a port of a sidecar is closed to them, its workloads are no endpoints. Datagrams have none: a Gateway’s listener of UDP is left as it is. Absent: no headers are taken, also where a less specific policy says so.',
  ),
});
