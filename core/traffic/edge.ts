/**
 * Who talked to whom, and how: what a row of traffic is about. Every text comes from configuration or from a verified certificate; a header,
 * a path or a host name that a caller chose must never become part of it, so that no caller can make rows.
 */

/** One side of an edge. '' is what is not known. */
export interface Party {
  readonly namespace: string;
  /** The name that its user gave (`orders`), without the suffix of the instance (`orders-abcde`). */
  readonly workload: string;
  readonly app: string;
  readonly version: string;
  /** SPIFFE ID. */
  readonly identity: string;
}

export type TrafficProtocol = 'http' | 'grpc' | 'tcp';

export interface Edge {
  /** Whose proxy counted: the caller's or the called one's. */
  readonly reporter: 'source' | 'destination';
  readonly protocol: TrafficProtocol;
  readonly source: Party;
  readonly destination: Party;
  /** What the caller addressed. Outside the mesh the namespace is '' and the name a host. */
  readonly service: { readonly namespace: string; readonly name: string };
  /** Object of the route that decided, `HTTPRoute/shop/orders`; '' for none. */
  readonly route: string;
  readonly security: 'mutual_tls' | 'none' | 'unknown';
}

export const NOBODY: Party = { namespace: '', workload: '', app: '', version: '', identity: '' };

/** Characters of one text at most: DNS-1123 subdomains and the SPIFFE IDs that we issue are shorter. */
export const EDGE_TEXT = 300;

/** What stands for all that a budget has no room for: it is still counted, by protocol and side. */
export function otherEdge({ reporter, protocol, security }: Edge): Edge {
  return { reporter, protocol, security, source: OTHER, destination: OTHER, service: OTHER_SERVICE, route: '' };
}

/** SPIFFE ID of the workload whose proxy counted: it takes the room. */
export const reporterOf = ({ reporter, source, destination }: Edge): string =>
  (reporter === 'source' ? source : destination).identity;

const OTHER: Party = { namespace: 'other', workload: 'other', app: 'other', version: 'other', identity: 'other' };
const OTHER_SERVICE: Edge['service'] = { namespace: 'other', name: 'other' };

/** The same text for equal edges, and only for them. */
export const edgeKey = ({ reporter, protocol, source, destination, service, route, security }: Edge): string =>
  [
    reporter,
    protocol,
    security,
    service.namespace,
    service.name,
    route,
    ...partyTexts(source),
    ...partyTexts(destination),
  ].join('\u0000');

const partyTexts = ({ namespace, workload, app, version, identity }: Party): string[] => [
  namespace,
  workload,
  app,
  version,
  identity,
];

/** `orders` of `orders-abcde`: the control plane appends five characters to the name that a workload joined by. */
export const givenName = (workload: string): string => workload.replace(/-[bcdfghjklmnpqrstvwxz2456789]{5}$/, '');

/** `HTTPRoute/shop/orders` of the source `HTTPRoute/shop/orders#spec.rules[0]`; '' of what no route object decided. */
export function routeOf(source: string): string {
  const hash = source.indexOf('#');
  const object = hash < 0 ? source : source.slice(0, hash);
  return /^[A-Za-z]{1,20}Route\/[a-z0-9.-]+\/[a-z0-9.-]+$/.test(object) && object.length <= EDGE_TEXT ? object : '';
}
