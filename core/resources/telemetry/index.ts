/** weft.dev Telemetry: what the owner of a namespace wants told of its workloads, beside what the Mesh says (Istio's Telemetry). */
import { defineKind, WEFT_GROUP } from '../kind.ts';
import { ownAccessLogs } from '../mesh/access-logs.ts';
import type { StoredObject } from '../object.ts';
import { dnsSubdomain, labelKey, labelValue, percentage } from '../schema/formats.ts';
import type { Complete } from '../schema/schema.ts';
import { defaulted, map, object, optional, required, string } from '../schema/schema.ts';
import type { ConditionsStatus } from '../status.ts';

const spec = object(
  {
    workloadSelector: optional(
      map(string({ format: labelValue, minLength: 0 }), { keys: labelKey, maxEntries: 64 }),
      'Only workloads of the namespace that carry all these labels. Absent: all of them.',
    ),
    accessLogs: defaulted(
      ownAccessLogs,
      [],
      'Access logs that the proxies of these workloads write, beside those of the Mesh and of other Telemetry: they add up. What the Mesh has written it alone can take back (`notNamespaces` there).',
    ),
    tracing: optional(
      object({
        sampling: required(
          string({ format: percentage }),
          'Percent of the requests that are traced, where a trace begins at these workloads; in place of the Mesh’s share. Its rules, tail and collector hold.',
        ),
      }),
      'Goes before what the Mesh says of the namespace; with `workloadSelector` before what is about the whole namespace; of equals the oldest counts.',
    ),
  },
  ({ accessLogs, tracing }, report) => {
    if (accessLogs.length === 0 && tracing === undefined)
      report([], 'no-effect', 'says nothing', 'add `accessLogs` or `tracing`', 'warning');
  },
);

export type TelemetrySpec = Complete<typeof spec>;
export type Telemetry = StoredObject<TelemetrySpec, ConditionsStatus>;

export const TELEMETRY = defineKind({
  group: WEFT_GROUP,
  versions: ['v1alpha1'],
  kind: 'Telemetry',
  plural: 'telemetries',
  singular: 'telemetry',
  categories: ['weft'],
  scope: 'Namespaced',
  doc: 'Access logs and the share of traces of a namespace’s workloads, by whoever owns the namespace: the Mesh need not be touched. Metrics are counted for every call and are not chosen here; where they are pushed to, the Mesh says, since the control plane pushes them.',
  name: dnsSubdomain,
  spec,
  example: {
    workloadSelector: { app: 'orders' },
    accessLogs: [
      { to: 'Otlp', endpoint: 'http://otel.shop.example', direction: 'Inbound', filter: { minStatus: 500 } },
    ],
    tracing: { sampling: '10' },
  },
  status: 'conditions',
  columns: [
    {
      name: 'Logs',
      type: 'integer',
      doc: 'How many access logs.',
      priority: 0,
      value: ({ spec: { accessLogs } }) => accessLogs.length,
    },
    {
      name: 'Sampling',
      type: 'string',
      doc: 'spec.tracing.sampling',
      priority: 0,
      value: ({ spec: { tracing } }) => tracing?.sampling ?? '',
    },
  ],
});
