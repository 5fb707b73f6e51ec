/** weft.dev TrafficPolicy: how calls to a service are balanced, limited, tried again and watched. */
import { checkTargetNamespaces, routeTargetRefs, targetsColumn } from '../gateway/target-ref.ts';
import { defineKind, WEFT_GROUP } from '../kind.ts';
import type { StoredObject } from '../object.ts';
import { dnsSubdomain } from '../schema/formats.ts';
import type { Complete } from '../schema/schema.ts';
import { object, required } from '../schema/schema.ts';
import type { ConditionsStatus } from '../status.ts';
import { SECTIONS, sections } from './settings.ts';

export type * from './settings.ts';
export { SECTIONS } from './settings.ts';

const spec = object({
  targetRefs: required(
    routeTargetRefs,
    'What the policy is about. Section by section the most specific policy counts: rule of a route, route, port of a Service, Service, listener of a Gateway, Gateway, Namespace, Mesh, then the Mesh’s `defaults`. Among equals the oldest, then the first by namespace and name; the others get the condition Accepted=False, reason Conflicted.',
  ),
  ...sections,
});

export type TrafficPolicySpec = Complete<typeof spec>;
export type TrafficPolicy = StoredObject<TrafficPolicySpec, ConditionsStatus>;

/** What a route decides about a request. */
const OF_ROUTES: readonly string[] = ['timeouts', 'retries'];

export const TRAFFIC_POLICY = defineKind({
  group: WEFT_GROUP,
  versions: ['v1alpha1'],
  kind: 'TrafficPolicy',
  plural: 'trafficpolicies',
  singular: 'trafficpolicy',
  shortNames: ['tp'],
  categories: ['weft'],
  scope: 'Namespaced',
  doc: 'How calls to a service are balanced, limited, tried again and watched. It acts in the calling proxies.',
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
    if (value.connections?.proxyProtocol !== undefined && value.targetRefs.every(({ kind }) => kind === 'Service'))
      report(
        ['spec', 'connections', 'proxyProtocol'],
        'no-effect',
        'has no effect on a Service: its workloads know who calls by mutual TLS',
        'target an ExternalService',
        'warning',
      );
    if (SECTIONS.every((section) => value[section] === undefined)) {
      report(['spec'], 'no-effect', 'the policy says nothing', `add one of ${SECTIONS.join(', ')}`, 'warning');
    }
  },
  columns: [
    targetsColumn('What it is about.'),
    {
      name: 'Sections',
      type: 'string',
      doc: 'What it says something about.',
      priority: 0,
      value: ({ spec: value }) => SECTIONS.filter((section) => value[section] !== undefined).join(','),
    },
  ],
});
