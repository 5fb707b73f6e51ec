/** Labels of Istio's standard metrics, with Istio's names and its words for what is not known, so that Kiali and public dashboards read ours. */
import type { LabelPairs } from '../metrics/index.ts';
import type { Edge, Party } from './edge.ts';

const known = (text: string): string => (text === '' ? 'unknown' : text);

/** Without those of one answer: response_code, grpc_response_status, response_flags. */
export function istioLabels({ reporter, source, destination, service, protocol, security }: Edge): LabelPairs {
  // Kiali finds the namespace of a service that no workload answered for in this name, and only in this form.
  const full = service.namespace === '' ? service.name : `${service.name}.${service.namespace}.svc.cluster.local`;
  return [
    ['reporter', reporter],
    ...partyLabels('source', source),
    ...partyLabels('destination', destination),
    ['destination_service', known(full)],
    ['destination_service_name', known(service.name)],
    ['destination_service_namespace', known(service.namespace)],
    ['request_protocol', protocol],
    ['connection_security_policy', security],
  ];
}

/** A canonical service is the app, else the workload, its revision the version, else `latest`, as Istio says. */
const partyLabels = (
  side: 'source' | 'destination',
  { workload, namespace, identity, app, version }: Party,
): LabelPairs => [
  [`${side}_workload`, known(workload)],
  [`${side}_workload_namespace`, known(namespace)],
  [`${side}_principal`, known(identity)],
  [`${side}_app`, known(app)],
  [`${side}_version`, known(version)],
  [`${side}_canonical_service`, known(app === '' ? workload : app)],
  [`${side}_canonical_revision`, version === '' ? 'latest' : version],
];
