/** weft.dev TrafficPolicy: how calls to a service are balanced, limited, tried again and watched. */
import { callerList } from '../gateway/callers.ts';
import { checkTargetNamespaces, targetsColumn, trafficTargetRefs } from '../gateway/target-ref.ts';
import { defineKind, WEFT_GROUP } from '../kind.ts';
import type { StoredObject } from '../object.ts';
import { dnsSubdomain } from '../schema/formats.ts';
import type { Complete, Report } from '../schema/schema.ts';
import { object, optional, required } from '../schema/schema.ts';
import type { ConditionsStatus } from '../status.ts';
import { arrivals } from './arrivals.ts';
import { failover } from './failover.ts';
import { SECTIONS, sections } from './settings.ts';
import { tls } from './tls.ts';

export type * from './settings.ts';
export { SECTIONS } from './settings.ts';
export type { Failover } from './failover.ts';
export type { ServiceTls } from './tls.ts';

const spec = object({
  targetRefs: required(
    trafficTargetRefs,
    'What the policy is about. Section by section the most specific policy counts: rule of a route, route, port of a Service, Service, listener of a Gateway, Gateway, Namespace, Mesh, then the Mesh’s `defaults`. Among equals the oldest, then the first by namespace and name; the others get the condition Accepted=False, reason Conflicted.',
  ),
  from: optional(
    callerList,
    'Only calls of these callers, any entry; known when their proxies are configured, whatever requests say of themselves. Of policies about one target those of the callers’ own namespace go first, then those with `from`, then the others. At Gateways it never holds: their callers are nobody’s workloads. Absent: whoever calls.',
  ),
  ...sections,
  failover: optional(
    failover,
    'Other services that answer in the place of this one; about a Service, a Subset, or a port of one. Callers know who is healthy by `outlierEjection` and `healthChecks` of each, and by who is there at all. Absent: none.',
  ),
  tls: optional(
    tls,
    'Callers speak TLS to the service, which ends it itself: a host outside, or workloads without a proxy. A BackendTLSPolicy about the same goes before it. Absent: plain outside the mesh, its mutual TLS inside.',
  ),
  arrivals: optional(
    arrivals,
    'What the called sidecars, and Gateways, take: from load balancers, and how much; about a Service, one of its ports, a Namespace, a Mesh, a Gateway or one of its listeners. Of policies that reach a port of a workload the most specific counts: port, Service, Namespace, Mesh, among equals the oldest. At a Gateway those about a listener count before those about the Gateway; listeners of one port share its socket, so that what is said of one holds for all of them.',
  ),
});

export type TrafficPolicySpec = Complete<typeof spec>;
export type TrafficPolicy = StoredObject<TrafficPolicySpec, ConditionsStatus>;

/** A Mesh's `defaults` has all of them but `failover` and `tls`, which are about one service, and `arrivals`, which is about the called side. */
const ALL = [...SECTIONS, 'failover', 'tls', 'arrivals'] as const;

/** Where connections arrive: at sidecars of workloads, at Gateways. */
const ARRIVED_AT: readonly string[] = ['Service', 'Namespace', 'Mesh', 'Gateway'];

/** What others can stand in for: requests to a host outside carry its name. */
const STOOD_IN_FOR: readonly string[] = ['Service', 'Subset'];

/** What may be an HTTP proxy. */
const TUNNELLED: readonly string[] = ['Service', 'ExternalService', 'Subset'];

/** What a route decides about a request. */
const OF_ROUTES: readonly string[] = ['timeouts', 'retries'];

/** What is known of a service whoever calls it. */
const OF_EVERYBODY = ['failover', 'tls', 'arrivals'] as const;

/** Whose calls a policy is about: of another namespace’s service those of its own namespace. */
function checkCallers(namespace: string, { targetRefs, from, ...said }: TrafficPolicySpec, report: Report): void {
  const foreign = targetRefs.some((ref) => ref.namespace !== undefined && ref.namespace !== namespace);
  if (from === undefined && !foreign) return;
  const where = from === undefined ? 'a target of another namespace' : '`from`';
  for (const section of OF_EVERYBODY)
    if (said[section] !== undefined)
      report(
        ['spec', section],
        'exclusive-fields',
        `is not allowed beside ${where}: it holds whoever calls`,
        'put it into a policy of its own',
      );
  for (const [index, { kind }] of targetRefs.entries())
    if (kind === 'Gateway')
      report(
        ['spec', 'targetRefs', index, 'kind'],
        'exclusive-fields',
        `a Gateway is not allowed beside ${where}: who enters there is nobody’s workload`,
        'target a Service or a route',
      );
  if (!foreign) return;
  for (const [index, { namespaces = [] }] of (from ?? []).entries())
    for (const [at, name] of namespaces.entries())
      if (name !== namespace)
        report(
          ['spec', 'from', index, 'namespaces', at],
          'foreign-namespace',
          `a policy in namespace ${namespace} about a service of another namespace speaks for its own callers alone`,
          `write \`${namespace}\`, or remove \`namespaces\``,
        );
}

export const TRAFFIC_POLICY = defineKind({
  group: WEFT_GROUP,
  versions: ['v1alpha1'],
  kind: 'TrafficPolicy',
  plural: 'trafficpolicies',
  singular: 'trafficpolicy',
  shortNames: ['tp'],
  categories: ['weft'],
  scope: 'Namespaced',
  doc: 'How calls to a service are balanced, limited, tried again, watched, and encrypted where it ends TLS itself. It acts in the calling proxies; `arrivals` alone in the called ones.',
  name: dnsSubdomain,
  spec,
  example: {
    targetRefs: [{ kind: 'Service', name: 'orders' }],
    timeouts: { request: '5s', backendRequest: '2s' },
    retries: { attempts: 2, conditions: ['ConnectFailure', 'RefusedStream', 'GatewayError'] },
    outlierEjection: { consecutive5xx: 3 },
  },
  status: 'conditions',
  check({ namespace, spec: value }, report) {
    checkTargetNamespaces(value.targetRefs, namespace, report);
    checkCallers(namespace, value, report);
    if (value.targetRefs.some(({ kind }) => kind.endsWith('Route') || kind === 'Gateway'))
      for (const section of SECTIONS)
        if (value[section] !== undefined && !OF_ROUTES.includes(section))
          report(
            ['spec', section],
            'no-effect',
            'has no effect on a route or a Gateway: it is about endpoints and connections',
            'target the Service',
            'warning',
          );
    if (value.tls !== undefined)
      for (const [index, { kind }] of value.targetRefs.entries())
        if (kind !== 'Service' && kind !== 'ExternalService')
          report(
            ['spec', 'targetRefs', index, 'kind'],
            'exclusive-fields',
            `a ${kind} is not allowed beside \`tls\`, which names the server of one service`,
            kind === 'Subset' ? 'target its Service' : 'target a Service or an ExternalService',
          );
    if (value.failover !== undefined)
      for (const [index, { kind }] of value.targetRefs.entries())
        if (!STOOD_IN_FOR.includes(kind))
          report(
            ['spec', 'targetRefs', index, 'kind'],
            'exclusive-fields',
            `a ${kind} is not allowed beside \`failover\`, which is about one service`,
            `target a ${STOOD_IN_FOR.join(' or a ')}`,
          );
    if (value.arrivals !== undefined)
      for (const [index, { kind }] of value.targetRefs.entries())
        if (!ARRIVED_AT.includes(kind))
          report(
            ['spec', 'targetRefs', index, 'kind'],
            'exclusive-fields',
            `a ${kind} is not allowed beside \`arrivals\`, which is about ports that connections arrive at`,
            `target a ${ARRIVED_AT.join(', a ')}`,
          );
    if (value.arrivals?.xForwardedFor !== undefined)
      for (const [index, { kind }] of value.targetRefs.entries())
        if (kind !== 'Gateway')
          report(
            ['spec', 'targetRefs', index, 'kind'],
            'exclusive-fields',
            `a ${kind} is not allowed beside \`arrivals.xForwardedFor\`: what callers of the mesh say there is theirs to choose`,
            'target a Gateway',
          );
    if (value.connections?.proxyProtocol !== undefined && value.targetRefs.every(({ kind }) => kind === 'Service'))
      report(
        ['spec', 'connections', 'proxyProtocol'],
        'no-effect',
        'has no effect on a Service: its workloads know who calls by mutual TLS',
        'target an ExternalService',
        'warning',
      );
    if (value.connections?.tunnel !== undefined)
      for (const [index, { kind }] of value.targetRefs.entries())
        if (!TUNNELLED.includes(kind))
          report(
            ['spec', 'targetRefs', index, 'kind'],
            'exclusive-fields',
            `a ${kind} is not allowed beside \`connections.tunnel\`, which says that one service is an HTTP proxy`,
            `target a ${TUNNELLED.join(', a ')}`,
          );
    if (ALL.every((section) => value[section] === undefined)) {
      report(['spec'], 'no-effect', 'the policy says nothing', `add one of ${ALL.join(', ')}`, 'warning');
    }
  },
  columns: [
    targetsColumn('What it is about.'),
    {
      name: 'Sections',
      type: 'string',
      doc: 'What it says something about.',
      priority: 0,
      value: ({ spec: value }) => ALL.filter((section) => value[section] !== undefined).join(','),
    },
  ],
});
