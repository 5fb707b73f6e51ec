/** Names that identities, clusters and sources stand for. For rows of traffic only, never for access. */
import type { EndpointWorkload } from '../proxy-config/index.ts';
import { EDGE_TEXT, givenName, NOBODY, type Edge, type Party } from './edge.ts';

/** The party that proved `identity`: which of its account's workloads it is cannot be known from it, so the account stands for them. */
export function partyOf(identity: string): Party {
  if (identity === '' || identity.length > EDGE_TEXT) return NOBODY;
  const match = /^spiffe:\/\/[^/]+\/ns\/([^/]+)\/sa\/([^/]+)$/.exec(identity);
  const [, namespace = '', workload = ''] = match ?? [];
  return { ...NOBODY, namespace, workload, identity };
}

/** What an endpoint is, as its endpoint set says. `proven`: the identity that it showed, '' for none. */
export function endpointParty(workload: EndpointWorkload | undefined, proven: string): Party {
  if (workload === undefined) return partyOf(proven);
  const slash = workload.workload.indexOf('/');
  return {
    namespace: slash < 0 ? '' : workload.workload.slice(0, slash),
    workload: givenName(workload.workload.slice(slash + 1)),
    app: workload.app,
    version: workload.version,
    identity: proven === '' ? workload.identity : proven.slice(0, EDGE_TEXT),
  };
}

type Service = Edge['service'];

const service = (namespace: string, name: string): Service => ({
  namespace: namespace.slice(0, EDGE_TEXT),
  name: name.slice(0, EDGE_TEXT),
});

/** Service that a cluster stands for: by its source `Kind/namespace/name#...`, else by the names that Istio and our compiler give to clusters, else the name. */
export function serviceOf(cluster: string, source: string | undefined): Service {
  const compiled = source === undefined ? null : /^Service\/([^/#]+)\/([^/#]+)/.exec(source);
  if (compiled !== null) return service(compiled[1] ?? '', compiled[2] ?? '');
  // Asked when no endpoint was chosen, so that there is no source.
  const own = /^outbound\/([^/]+)\/([^/]+)\/\d+$/.exec(cluster);
  if (own !== null) return service(own[1] ?? '', own[2] ?? '');
  const istio = /^(?:outbound|inbound)\|\d*\|[^|]*\|([^.|]+)\.([^.|]+)\.svc(?:\.|$)/.exec(cluster);
  if (istio !== null) return service(istio[2] ?? '', istio[1] ?? '');
  return service('', /^(?:outbound|inbound)\|\d*\|[^|]*\|(.+)$/.exec(cluster)?.[1] ?? cluster);
}
