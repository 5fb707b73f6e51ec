/** Namespace and account in an identity of the form `spiffe://<trust domain>/ns/<namespace>/sa/<account>`; for metric labels only, never for access. */
export interface IdentityNames {
  readonly namespace: string;
  readonly account: string;
}

const UNKNOWN: IdentityNames = { namespace: 'unknown', account: 'unknown' };

export function identityNames(identity: string): IdentityNames {
  const match = /^spiffe:\/\/[^/]+\/ns\/([^/]+)\/sa\/([^/]+)$/.exec(identity);
  return match === null ? UNKNOWN : { namespace: match[1] ?? 'unknown', account: match[2] ?? 'unknown' };
}

/** Service, namespace and name that a cluster stands for: from its source `Kind/namespace/name#...`, else from Istio's cluster name, else the name. */
export interface ServiceNames {
  readonly service: string;
  readonly name: string;
  readonly namespace: string;
}

export function serviceNames(cluster: string, source: string | undefined): ServiceNames {
  const compiled = source === undefined ? null : /^Service\/([^/#]+)\/([^/#]+)/.exec(source);
  if (compiled !== null) {
    const [, namespace = '', name = ''] = compiled;
    return { service: `${name}.${namespace}`, name, namespace };
  }
  // What our compiler names a cluster; asked when no endpoint was chosen, so that there is no source.
  const own = /^outbound\/([^/]+)\/([^/]+)\/\d+$/.exec(cluster);
  if (own !== null) {
    const [, namespace = '', name = ''] = own;
    return { service: `${name}.${namespace}`, name, namespace };
  }
  const host = /^(?:outbound|inbound)\|\d*\|[^|]*\|(.+)$/.exec(cluster)?.[1] ?? cluster;
  const [name = host, namespace = 'unknown'] = host.split('.');
  return host.includes('.') ? { service: host, name, namespace } : { service: host, name: host, namespace: 'unknown' };
}
