/**
 * Gateways (Gateway API, GatewaySpec): which are Weft's, which of their listeners can be served, and why the others cannot. Listeners of one
 * port are one socket: HTTP ones are told apart by host name, HTTPS and TLS ones by server name; all in conflict are refused alike, so that
 * no order decides.
 */
import { parseIp } from '../../kernel/index.ts';
import {
  clientsOption,
  DEFAULT_GATEWAY_CLASS,
  foreignOptions,
  type Gateway,
  GATEWAY_CONTROLLER,
  type GatewayClass,
  type GatewayListener,
  type ListenerSet,
  objectName,
  tlsOptions,
} from '../../resources/index.ts';
import type { GatewayListenerRow, GatewayRow } from '../rows.ts';
import { authorityFaults, backendCertificateFaults, certificateFaults, type Material } from './gateway-material.ts';
import { keyOf } from './objects.ts';
import { ROUTE_GROUP, routeKinds } from './route-kinds.ts';
import { condition, statusOf, type Fault, type ObjectStatus } from './status.ts';

/** Whose a listener is: it refers, and lets routes in, as that object. */
export type ListenerOwner = Gateway | ListenerSet;

/** A listener with everything that is said of it. */
export interface ListenerDraft {
  readonly key: string;
  readonly owner: ListenerOwner;
  readonly spec: GatewayListener;
  readonly path: string;
  readonly protocol: GatewayListenerRow['protocol'] | undefined;
  readonly supportedKinds: readonly string[];
  readonly rejections: readonly Fault[];
  readonly conflicts: readonly Fault[];
  readonly brokenRefs: readonly Fault[];
}

export interface GatewayDraft {
  readonly gateway: Gateway;
  readonly key: string;
  /** Its own, then those of the sets that it let in. */
  readonly listeners: readonly ListenerDraft[];
  readonly sets: readonly ListenerSet[];
  readonly rejections: readonly Fault[];
  /** Of references of the whole Gateway. */
  readonly brokenRefs: readonly Fault[];
  /** Of fields that have no effect here. */
  readonly ignored: readonly Fault[];
  /** undefined: nothing of it can be served. */
  readonly row: GatewayRow | undefined;
}

/** Names of the classes that Weft serves. */
export function ownClasses(classes: readonly GatewayClass[]): ReadonlyMap<string, boolean> {
  const own = new Map<string, boolean>([[DEFAULT_GATEWAY_CLASS, true]]);
  for (const { metadata, spec } of classes)
    own.set(metadata.name, spec.controllerName === GATEWAY_CONTROLLER && spec.parametersRef === undefined);
  return own;
}

export function classStatus(object: GatewayClass): ObjectStatus[] {
  if (object.spec.controllerName !== GATEWAY_CONTROLLER) return [];
  const faults: Fault[] =
    object.spec.parametersRef === undefined
      ? []
      : [
          {
            reason: 'InvalidParameters',
            path: 'spec.parametersRef',
            message: 'the classes of Weft have no parameters',
            remedy: 'remove it',
          },
        ];
  return [statusOf(object, [condition('Accepted', object.metadata.generation, faults)], [], faults)];
}

/** `known`: its class is Weft's; undefined: there is no such class. `sets`: those that it let in, in the order in which they count. */
export function resolveGateway(
  gateway: Gateway,
  sets: readonly ListenerSet[],
  material: Material,
  known: boolean | undefined,
): GatewayDraft {
  const { namespace, name } = gateway.metadata;
  const { spec } = gateway;
  const key = keyOf(gateway);
  const source = objectName('Gateway', namespace, name);
  const listeners: ListenerDraft[] = [];
  for (const owner of [gateway, ...sets]) {
    const earlier = listeners.filter(({ conflicts }) => conflicts.length === 0).map(({ spec: one }) => one);
    listeners.push(...draftsOf(gateway, owner, earlier, material));
  }
  const rejections = [...(known === undefined ? [noClass(gateway)] : []), ...gatewayFaults(gateway)];
  const rows = listeners.flatMap((listener) => listenerRow(listener, gateway));
  const addresses = (spec.addresses ?? []).flatMap(({ value = '' }) => parseIp(value) ?? []);
  const brokenRefs = backendCertificateFaults(gateway, material);
  const own = spec.tls?.backend?.clientCertificateRef;
  const backendCertificate =
    own === undefined || brokenRefs.length > 0 ? '' : `${own.namespace ?? namespace}/${own.name}`;
  const row: GatewayRow | undefined =
    rejections.length > 0 || rows.length === 0
      ? undefined
      : { key, namespace, name, listeners: rows, addresses, backendCertificate, source };
  return { gateway, key, listeners, sets, rejections, brokenRefs, ignored: ignoredFields(gateway), row };
}

/** Of a set the key tells the set too: names need not differ between the objects. */
const listenerKey = (gateway: Gateway, owner: ListenerOwner, name: string): string =>
  owner === gateway
    ? `${keyOf(gateway)}/${name}`
    : `${keyOf(gateway)}/${owner.metadata.namespace}:${owner.metadata.name}:${name}`;

function draftsOf(
  gateway: Gateway,
  owner: ListenerOwner,
  earlier: readonly GatewayListener[],
  material: Material,
): ListenerDraft[] {
  const conflicts = conflictsOf(owner.spec.listeners, earlier);
  return owner.spec.listeners.map((listener, index): ListenerDraft => {
    const path = `spec.listeners[${index}]`;
    const protocol = protocolOf(listener);
    const kinds = routeKinds(listener.protocol);
    const wanted = listener.allowedRoutes.kinds;
    const right = (wanted ?? []).filter((one) => one.group === ROUTE_GROUP && kinds.includes(one.kind));
    return {
      key: listenerKey(gateway, owner, listener.name),
      owner,
      spec: listener,
      path,
      protocol,
      supportedKinds: wanted === undefined ? kinds : [...new Set(right.map(({ kind }) => kind))],
      rejections: protocol === undefined ? [unknownProtocol(listener, path)] : [],
      conflicts: conflicts.get(index) ?? [],
      brokenRefs: [
        ...certificateFaults(owner, listener, path, material),
        ...(listener.protocol === 'HTTPS' ? authorityFaults(gateway, listener.port, material) : []),
        ...(wanted ?? []).flatMap((one, at): Fault[] =>
          right.includes(one)
            ? []
            : [
                {
                  reason: 'InvalidRouteKinds',
                  path: `${path}.allowedRoutes.kinds[${at}].kind`,
                  message: `a listener of protocol ${listener.protocol} has no routes of kind ${one.kind}`,
                  remedy: `write ${kinds.join(' or ')}`,
                },
              ],
        ),
      ],
    };
  });
}

function protocolOf({ protocol, tls }: GatewayListener): GatewayListenerRow['protocol'] | undefined {
  switch (protocol) {
    case 'HTTP':
      return 'http';
    case 'HTTPS':
      return 'https';
    case 'TLS':
      return tls?.mode === 'Passthrough' ? 'passthrough' : 'tls';
    case 'TCP':
      return 'tcp';
    case 'UDP':
      return 'udp';
    default:
      return undefined;
  }
}

/** A listener with a certificate that does not resolve is served with the others; without any it is not served. */
function listenerRow(draft: ListenerDraft, gateway: Gateway): GatewayListenerRow[] {
  const { owner, spec, protocol, rejections, conflicts, brokenRefs, key, path } = draft;
  if (protocol === undefined || rejections.length > 0 || conflicts.length > 0) return [];
  const broken = (at: string): boolean => brokenRefs.some((fault) => fault.path.startsWith(at));
  const certificates = (spec.tls?.certificateRefs ?? []).flatMap(({ name, namespace }, index) =>
    broken(`${path}.tls.certificateRefs[${index}]`) ? [] : [`${namespace ?? owner.metadata.namespace}/${name}`],
  );
  const tls = tlsOptions(spec.tls?.options);
  if ((protocol === 'https' || protocol === 'tls') && certificates.length === 0 && !tls.ofMesh) return [];
  // Whose certificates cannot be checked is not let in.
  if (!tls.ofMesh && broken('spec.tls.frontend')) return [];
  // What nobody verified proves nothing: where everybody is let in, nobody is asked (Envoy would take the name in it for an identity).
  const clientAuthorities =
    protocol === 'https' && !tls.ofMesh && !letsInEverybody(gateway, spec.port)
      ? (frontendOf(gateway, spec.port)?.caCertificateRefs ?? []).map(
          (ref) => `${ref.namespace ?? gateway.metadata.namespace}/${ref.name}`,
        )
      : [];
  return [
    {
      key,
      port: spec.port,
      protocol,
      hostname: spec.hostname ?? '',
      certificates,
      clientAuthorities,
      tls,
      source: `${objectName(owner.kind, owner.metadata.namespace, owner.metadata.name)}#${path}`,
    },
  ];
}

/** What is asked of clients' certificates on a port. */
export const frontendOf = ({ spec }: Gateway, port: number) => {
  const frontend = spec.tls?.frontend;
  const own = frontend?.perPort?.find((entry) => entry.port === port);
  return (own?.tls ?? frontend?.default)?.validation;
};

/** Whether clients are let in without a valid certificate where they are asked for one. */
export const letsInEverybody = (gateway: Gateway, port: number): boolean =>
  frontendOf(gateway, port)?.mode === 'AllowInsecureFallback';

/** By index of the listener. Those of one object are refused alike; `earlier` ones of others go before. */
function conflictsOf(listeners: readonly GatewayListener[], earlier: readonly GatewayListener[]): Map<number, Fault[]> {
  const found = new Map<number, Fault[]>();
  const family = ({ protocol }: GatewayListener): string => (protocol === 'HTTPS' ? 'TLS' : protocol);
  for (const [index, listener] of listeners.entries()) {
    const udp = listener.protocol === 'UDP';
    const others = [...earlier, ...listeners].filter(
      (other) => other !== listener && other.port === listener.port && (other.protocol === 'UDP') === udp,
    );
    const foreign = others.find((other) => family(other) !== family(listener));
    const twin = others.find((other) => (other.hostname ?? '') === (listener.hostname ?? ''));
    const path = `spec.listeners[${index}]`;
    const outcome = (other: GatewayListener): string =>
      earlier.includes(other) ? 'that one goes before' : 'neither is served';
    if (foreign !== undefined)
      found.set(index, [
        {
          reason: 'ProtocolConflict',
          path: `${path}.protocol`,
          message: `listener ${foreign.name} speaks ${foreign.protocol} on port ${listener.port} too: ${outcome(foreign)}`,
          remedy: 'give one of them another port',
        },
      ]);
    else if (twin !== undefined)
      found.set(index, [
        {
          reason: 'HostnameConflict',
          path: `${path}.hostname`,
          message: `listener ${twin.name} has the same host name on port ${listener.port}: ${outcome(twin)}`,
          remedy: 'make the host names differ',
        },
      ]);
  }
  return found;
}

const unknownProtocol = ({ protocol }: GatewayListener, path: string): Fault => ({
  reason: 'UnsupportedProtocol',
  path: `${path}.protocol`,
  message: `${protocol} is no protocol that a gateway listens for`,
  remedy: 'write HTTP, HTTPS, TLS, TCP or UDP',
});

const noClass = ({ spec: { gatewayClassName } }: Gateway): Fault => ({
  reason: 'GatewayClassNotFound',
  path: 'spec.gatewayClassName',
  message: `there is no GatewayClass ${gatewayClassName}: nobody serves the Gateway`,
  remedy: `write \`${DEFAULT_GATEWAY_CLASS}\`, or create the class`,
});

function gatewayFaults({ spec }: Gateway): Fault[] {
  const faults = (spec.addresses ?? []).flatMap(({ type, value = '' }, index): Fault[] =>
    type === 'IPAddress' && (value === '' || parseIp(value) !== undefined)
      ? []
      : [
          {
            reason: 'UnsupportedAddress',
            path: `spec.addresses[${index}].${type === 'IPAddress' ? 'value' : 'type'}`,
            message: type === 'IPAddress' ? `${value} is no IP address` : 'a gateway listens on IP addresses only',
            remedy: 'write an address of a host that runs `weft gateway`',
          },
        ],
  );
  if (spec.infrastructure?.parametersRef !== undefined)
    faults.push({
      reason: 'InvalidParameters',
      path: 'spec.infrastructure.parametersRef',
      message: 'Weft knows no parameters of a Gateway',
      remedy: 'remove it',
    });
  return faults;
}

function ignoredFields(gateway: Gateway): Fault[] {
  const { spec } = gateway;
  const ignored = (path: string, message: string): Fault => ({
    reason: 'InfrastructureIgnored',
    path,
    message,
    remedy: 'remove it',
  });
  return [
    ...(spec.infrastructure?.labels !== undefined || spec.infrastructure?.annotations !== undefined
      ? [ignored('spec.infrastructure', 'nothing is made for a Gateway that could carry it')]
      : []),
    ...spec.listeners.flatMap(({ tls, protocol, port }, index) => {
      const at = (option: string): string => `spec.listeners[${index}].tls.options[${JSON.stringify(option)}]`;
      const optional = clientsOption(tls?.options);
      const asked = protocol === 'HTTPS' && frontendOf(gateway, port) !== undefined && !letsInEverybody(gateway, port);
      return [
        ...foreignOptions(tls?.options).map((option) => ignored(at(option), 'Weft knows no such option')),
        ...(optional === undefined || asked
          ? []
          : [ignored(at(optional), 'nobody asks clients for certificates on this port')]),
      ];
    }),
  ];
}
