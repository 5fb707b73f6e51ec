/** Gateway API Listener: a port, what is spoken on it, which routes may attach. */
import { GATEWAY_GROUP } from '../kind.ts';
import { dnsSubdomain, group, hostname, kindName, labelKey, labelValue, listenerProtocol } from '../schema/formats.ts';
import type { Complete, Report } from '../schema/schema.ts';
import {
  array,
  defaulted,
  integer,
  map,
  object,
  oneOf,
  optional,
  required,
  string,
  unsupported,
} from '../schema/schema.ts';
import { secretRef } from './object-ref.ts';
import { checkTlsOptions, ofMesh } from './tls-options.ts';

export { clientsOption, foreignOptions, ofMesh, type TlsOptions, tlsOptions } from './tls-options.ts';

const requirement = object(
  {
    key: required(string({ format: labelKey }), 'The label.'),
    operator: required(oneOf(['In', 'NotIn', 'Exists', 'DoesNotExist']), 'How it is compared.'),
    values: optional(array(string({ format: labelValue, minLength: 0 }), { maxItems: 64 }), 'For `In` and `NotIn`.'),
  },
  ({ operator, values = [] }, report) => {
    const needed = operator === 'In' || operator === 'NotIn';
    if (needed && values.length === 0)
      report(['values'], 'missing-field', `is required with \`${operator}\``, 'add `values`');
    if (!needed && values.length > 0)
      report(['values'], 'exclusive-fields', `is not allowed with \`${operator}\``, 'remove it');
  },
);

const labelSelector = object({
  matchLabels: optional(
    map(string({ format: labelValue, minLength: 0 }), { keys: labelKey, maxEntries: 64 }),
    'Labels that must be there.',
  ),
  matchExpressions: optional(array(requirement, { maxItems: 64 }), 'Further conditions, all of which must hold.'),
});

export type LabelSelector = Complete<typeof labelSelector>;

/** Gateway API ListenerNamespaces: whose ListenerSets may add listeners. */
export const listenerNamespaces = object(
  {
    from: defaulted(
      oneOf(['None', 'Same', 'All', 'Selector']),
      'None',
      'Whose: nobody’s, those of the Gateway’s namespace, of every namespace of the mesh, of namespaces by their labels.',
    ),
    selector: optional(labelSelector, 'With `from: Selector`: labels of the namespaces.'),
  },
  checkSelector,
);

/** Gateway API RouteNamespaces. */
const namespacesFrom = object(
  {
    from: defaulted(
      oneOf(['All', 'Selector', 'Same']),
      'Same',
      'Whose routes: those of every namespace of the mesh, of namespaces by their labels, of the Gateway’s own.',
    ),
    selector: optional(labelSelector, 'With `from: Selector`: labels of the namespaces.'),
  },
  checkSelector,
);

function checkSelector(
  { from, selector }: { readonly from: string; readonly selector?: unknown },
  report: Report,
): void {
  if (from === 'Selector' && selector === undefined)
    report(['selector'], 'missing-field', 'is required with `from: Selector`', 'add `selector`');
}

const allowedRoutes = object({
  namespaces: defaulted(namespacesFrom, { from: 'Same' }, 'The namespaces whose routes may attach.'),
  kinds: optional(
    array(
      object({
        group: defaulted(string({ format: group, minLength: 0 }), GATEWAY_GROUP, 'The route’s group.'),
        kind: required(string({ format: kindName }), 'The route’s kind.'),
      }),
      { maxItems: 8 },
    ),
    'The kinds of routes that may attach. Absent: all that fit the protocol.',
  ),
});

const tls = object(
  {
    mode: defaulted(
      oneOf(['Terminate', 'Passthrough']),
      'Terminate',
      '`Terminate`: TLS ends at the gateway, which needs a certificate. `Passthrough`: it ends at the backend; the server name alone is read.',
    ),
    certificateRefs: optional(
      array(secretRef, { maxItems: 64 }),
      'Secrets of type `kubernetes.io/tls`. Several: the one that the client can verify (RSA or ECDSA).',
    ),
    options: optional(
      map(string({ minLength: 0, maxLength: 4096 }), { keys: labelKey, maxEntries: 16 }),
      '`weft.dev/minimum-protocol-version` and `weft.dev/maximum-protocol-version`: `1.2` or `1.3`, which are the defaults. `weft.dev/cipher-suites`: those of TLS 1.2, with commas between them, in OpenSSL’s names, the preferred first; default: the engine’s own. `weft.dev/client-certificates: Optional`: where `spec.tls.frontend` asks clients for certificates, one that shows none is let in, without an identity; one that shows a wrong one is refused still. `weft.dev/certificates: Mesh`, with protocol HTTPS and instead of `certificateRefs`: mutual TLS of the mesh. The gateway shows the certificate of its own identity, and takes callers of the mesh only, who have theirs; ExternalServices may name it as their `egressGateway`. With mode `Passthrough` `weft.dev/passthrough: Services` leads the server names of the mesh’s own services to their workloads, without a route: `PORT.NAME.NAMESPACE.TRUST-DOMAIN`, and for each foreign trust domain that a service is exported to `PORT.NAME.NAMESPACE.` before the server name of its guests. Services of the Gateway’s namespace, and of those whose ReferenceGrant lets Gateways of it refer to Services; ports with mutual TLS alone, which ends at the workloads. Keys of others are reported and mean nothing here.',
    ),
    frontendValidation: unsupported('it was an experiment of Gateway API: use `spec.tls.frontend` of the Gateway'),
  },
  ({ mode, certificateRefs = [], options = {} }, report) => {
    if (ofMesh(options) && certificateRefs.length > 0)
      report(
        ['certificateRefs'],
        'exclusive-fields',
        'is not allowed beside `weft.dev/certificates: Mesh`',
        'remove one',
      );
    checkTlsOptions(options, mode, (path, ...said) => report(['options', ...path], ...said));
    if (mode === 'Terminate' && certificateRefs.length === 0 && Object.keys(options).length === 0)
      report(
        ['certificateRefs'],
        'missing-field',
        'is required with mode `Terminate`',
        'name a Secret with a certificate',
      );
  },
);

export const listener = object(
  {
    name: required(
      string({ format: dnsSubdomain }),
      'The listener’s name, unique in the Gateway: what routes call by `sectionName`.',
    ),
    hostname: optional(
      string({ format: hostname }),
      'The host name (HTTP) or server name (TLS) it is about; `*.` covers one or more labels. Absent: every name. Not for TCP and UDP.',
    ),
    port: required(integer(1, 65_535), 'The port that the gateway listens on.'),
    protocol: required(
      string({ format: listenerProtocol }),
      '`HTTP`, `HTTPS`, `TLS`, `TCP` or `UDP`. Others are refused by a condition of the listener.',
    ),
    tls: optional(tls, 'For HTTPS and TLS.'),
    allowedRoutes: defaulted(allowedRoutes, { namespaces: { from: 'Same' } }, 'Which routes may attach.'),
  },
  ({ protocol, hostname: host, tls: own }, report) => {
    if (host !== undefined && (protocol === 'TCP' || protocol === 'UDP'))
      report(['hostname'], 'exclusive-fields', `is not allowed with protocol ${protocol}`, 'remove it');
    if (own !== undefined && ['HTTP', 'TCP', 'UDP'].includes(protocol))
      report(
        ['tls'],
        'exclusive-fields',
        `is not allowed with protocol ${protocol}`,
        'remove it, or write HTTPS or TLS',
      );
    if (own === undefined && (protocol === 'HTTPS' || protocol === 'TLS'))
      report(['tls'], 'missing-field', `is required with protocol ${protocol}`, 'add `tls`');
    if (ofMesh(own?.options) && protocol !== 'HTTPS')
      report(['protocol'], 'exclusive-fields', 'mutual TLS of the mesh is for HTTPS', 'write HTTPS');
    if (ofMesh(own?.options) && host !== undefined)
      report(['hostname'], 'exclusive-fields', 'callers of the mesh ask for no such server name', 'remove it');
    if (protocol === 'HTTPS' && own?.mode === 'Passthrough')
      report(['tls', 'mode'], 'invalid-value', 'HTTPS ends at the gateway', 'write `Terminate`, or protocol TLS');
  },
);

export type GatewayListener = Complete<typeof listener>;

export const listeners = array(listener, { minItems: 1, maxItems: 64 });

/** Names, and the combination of port, protocol and host name, are each there once (Gateway API, GatewaySpec.listeners). */
export function checkListeners(list: readonly GatewayListener[], report: Report): void {
  const names = new Map<string, number>();
  const places = new Map<string, number>();
  for (const [index, { name, port, protocol, hostname: host = '' }] of list.entries()) {
    const named = names.get(name);
    if (named === undefined) names.set(name, index);
    else
      report(['listeners', index, 'name'], 'duplicate-entry', `the same \`name\` as listener ${named}`, 'rename one');
    const place = `${port} ${protocol} ${host}`;
    const other = places.get(place);
    if (other === undefined) places.set(place, index);
    else
      report(
        ['listeners', index],
        'duplicate-entry',
        `the same port, protocol and host name as listener ${other}`,
        'make one of the three differ',
      );
  }
}
