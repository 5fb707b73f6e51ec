/** weft.dev EnginePatch: changes to the Envoy messages that a proxy gets, for what no other kind can say. */
import { checkTargetNamespaces, patchTargetRefs, targetsColumn } from '../gateway/target-ref.ts';
import { defineKind, WEFT_GROUP } from '../kind.ts';
import type { StoredObject } from '../object.ts';
import { dnsSubdomain, labelKey, labelValue } from '../schema/formats.ts';
import type { Complete, Report } from '../schema/schema.ts';
import { any, array, map, object, oneOf, optional, required, string } from '../schema/schema.ts';
import type { ConditionsStatus } from '../status.ts';

const PARTS = [
  'Listener',
  'FilterChain',
  'NetworkFilter',
  'HttpFilter',
  'RouteConfiguration',
  'VirtualHost',
  'Route',
  'Cluster',
] as const;
export type PatchedPart = (typeof PARTS)[number];

const pattern = (doc: string) => optional(string({ maxLength: 512 }), `${doc} A \`*\` at its end stands for any rest.`);

const match = object({
  direction: optional(
    oneOf(['Inbound', 'Outbound']),
    'Of a sidecar: what it takes for its workload, or what its workload calls. Absent: both.',
  ),
  listener: pattern('Name of the listener, such as `inbound/8080`, `outbound/http-proxy`, `gateway/tcp/443`.'),
  filterChain: pattern('Name of the filter chain.'),
  networkFilter: pattern('Name of the network filter.'),
  httpFilter: pattern('Name of the HTTP filter.'),
  routeConfiguration: pattern('Name of the route table, such as `outbound/shop/orders/80`.'),
  virtualHost: pattern('Name of the virtual host.'),
  route: pattern('Name of the route: the source of its rule, such as `HTTPRoute/shop/orders#spec.rules[0]`.'),
  cluster: pattern('Name of the cluster, such as `outbound/shop/orders/80`.'),
});
type MatchField = Exclude<keyof Complete<typeof match>, 'direction'>;

/** What a part is called by, and what holds it. */
const FIELDS: Readonly<Record<PatchedPart, { readonly own: MatchField; readonly holders: readonly MatchField[] }>> = {
  Listener: { own: 'listener', holders: [] },
  FilterChain: { own: 'filterChain', holders: ['listener'] },
  NetworkFilter: { own: 'networkFilter', holders: ['listener', 'filterChain'] },
  HttpFilter: { own: 'httpFilter', holders: ['listener', 'filterChain', 'networkFilter'] },
  RouteConfiguration: { own: 'routeConfiguration', holders: ['listener'] },
  VirtualHost: { own: 'virtualHost', holders: ['listener', 'routeConfiguration'] },
  Route: { own: 'route', holders: ['listener', 'routeConfiguration', 'virtualHost'] },
  Cluster: { own: 'cluster', holders: [] },
};

const patch = object(
  {
    part: required(
      oneOf(PARTS),
      'What is changed. `value` is its message: envoy.config.listener.v3.Listener, .FilterChain, .Filter (NetworkFilter); envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter; envoy.config.route.v3.RouteConfiguration, .VirtualHost, .Route; envoy.config.cluster.v3.Cluster.',
    ),
    match: optional(
      match,
      'Which ones: by the names of the part and of what holds it; all that is said must hold. `weft config` shows the names. Absent: every one.',
    ),
    operation: required(
      oneOf(['Merge', 'Replace', 'Remove', 'AddFirst', 'AddLast', 'AddBefore', 'AddAfter']),
      '`Merge`: as protobuf merges: scalars of `value` replace, messages merge, lists are appended, configurations of the same `@type` merge. `Replace`, `Remove`: each one that matches. `AddFirst`, `AddLast`: to the list of each holder that matches; the last of filters stands before the one that ends the list. `AddBefore`, `AddAfter`: beside the first that matches. Listeners, route tables and clusters are added by `AddLast`.',
    ),
    value: optional(
      map(any(), { maxEntries: 256 }),
      'The message as JSON, in the names of Envoy’s API. Checked against its messages, fields and limits.',
    ),
  },
  checkPatch,
);

function checkPatch(
  {
    part,
    match: wanted,
    operation,
    value,
  }: {
    readonly part: PatchedPart;
    readonly match?: Complete<typeof match> | undefined;
    readonly operation: string;
    readonly value?: unknown;
  },
  report: Report,
): void {
  const { own, holders } = FIELDS[part];
  for (const [field, text] of Object.entries(wanted ?? {})) {
    if (text === undefined || field === 'direction' || field === own || holders.includes(field as MatchField)) continue;
    report(['match', field], 'no-effect', `a ${part} is in no ${field}`, 'remove it', 'error');
  }
  if ((operation === 'Remove') !== (value === undefined))
    report(
      ['value'],
      operation === 'Remove' ? 'exclusive-fields' : 'missing-field',
      operation === 'Remove' ? '`Remove` takes none' : `\`${operation}\` needs one`,
      operation === 'Remove' ? 'remove it' : 'write the message',
    );
  const whole = part === 'Listener' || part === 'RouteConfiguration' || part === 'Cluster';
  if (whole && ['AddFirst', 'AddBefore', 'AddAfter'].includes(operation))
    report(['operation'], 'invalid-value', `a ${part} has no place among others`, 'write `AddLast`');
  const beside = operation === 'AddBefore' || operation === 'AddAfter';
  if (beside && wanted?.[own] === undefined)
    report(['match', own], 'missing-field', `\`${operation}\` needs the name that it stands beside`, 'add it');
  const added = operation === 'AddFirst' || operation === 'AddLast';
  if (added && (wanted?.[own] !== undefined || (whole && wanted !== undefined)))
    report(['match'], 'exclusive-fields', `\`${operation}\` stands beside nothing that has a name`, 'remove it');
}

const spec = object({
  targetRefs: required(
    patchTargetRefs,
    'Whose proxies: the sidecars of the policy’s namespace or of the mesh; the processes of a Gateway.',
  ),
  workloadSelector: optional(
    map(string({ format: labelValue, minLength: 0 }), { keys: labelKey, maxEntries: 64 }),
    'Of the namespace only sidecars of workloads that carry all these labels. Absent: all of them.',
  ),
  engine: optional(oneOf(['Weft', 'Envoy']), 'Only proxies of this engine. Absent: both.'),
  patches: required(
    array(patch, { minItems: 1, maxItems: 64 }),
    'In their order. Of several EnginePatches those about the mesh come first, then namespace, then labels; younger ones before older, so that the older has the last word.',
  ),
});

export type EnginePatchSpec = Complete<typeof spec>;
export type EnginePatch = StoredObject<EnginePatchSpec, ConditionsStatus>;

export const ENGINE_PATCH = defineKind({
  group: WEFT_GROUP,
  versions: ['v1alpha1'],
  kind: 'EnginePatch',
  plural: 'enginepatches',
  singular: 'enginepatch',
  categories: ['weft'],
  scope: 'Namespaced',
  doc: 'Changes what proxies are told in Envoy’s own messages, for what no other kind says. It can undo anything, access rules too: who may write it is trusted with the proxies. A patch that finds nothing to change, and one whose outcome an engine would refuse, make Programmed=False with the field’s name; the proxy goes on without that patch.',
  name: dnsSubdomain,
  spec,
  example: {
    targetRefs: [{ kind: 'Namespace', name: 'shop' }],
    patches: [
      {
        part: 'Cluster',
        match: { cluster: 'outbound/default/orders/*' },
        operation: 'Merge',
        value: { per_connection_buffer_limit_bytes: 65_536 },
      },
    ],
  },
  status: 'conditions',
  check({ namespace, spec: { targetRefs, workloadSelector } }, report) {
    checkTargetNamespaces(targetRefs, namespace, report);
    if (workloadSelector !== undefined && targetRefs.some(({ kind }) => kind !== 'Namespace'))
      report(
        ['spec', 'workloadSelector'],
        'exclusive-fields',
        'selects workloads of the policy’s namespace alone',
        'write `kind: Namespace`, or remove it',
      );
  },
  columns: [
    targetsColumn('Whose proxies are changed.'),
    {
      name: 'Patches',
      type: 'integer',
      doc: 'How many patches.',
      priority: 0,
      value: ({ spec: { patches } }) => patches.length,
    },
  ],
});
