/** weft.dev ServiceLevel: what a service promises, and how fast the promise may be used up before somebody is told. It changes no proxy. */
import { parseDuration } from '../../kernel/index.ts';
import { defineKind, WEFT_GROUP } from '../kind.ts';
import type { StoredObject } from '../object.ts';
import { dnsSubdomain, duration, percentage } from '../schema/formats.ts';
import type { Complete } from '../schema/schema.ts';
import { array, defaulted, integer, object, oneOf, optional, required, string } from '../schema/schema.ts';
import type { ConditionsStatus } from '../status.ts';

const percent = required(
  string({ format: percentage }),
  'The share of the requests for which it must hold, in percent: `"99.9"`. Below 100, or nothing could ever fail.',
);

const objective = object(
  {
    percent,
    fasterThan: optional(
      string({ format: duration }),
      'Good is a request that takes no longer. Absent: good is one that is not answered by 5xx, not by a gRPC status of the server’s fault, and not by nothing.',
    ),
  },
  ({ percent: share, fasterThan }, report) => {
    if (Number(share) >= 100 || Number(share) <= 0)
      report(['percent'], 'out-of-range', 'must be above 0 and below 100', 'write `"99.9"`, say');
    if (fasterThan !== undefined && parseDuration(fasterThan) === 0)
      report(['fasterThan'], 'out-of-range', 'must be at least `1ms`');
  },
);

const alert = object(
  {
    long: required(string({ format: duration }), 'Time over which the budget burns, such as `1h`.'),
    short: required(
      string({ format: duration }),
      'A shorter time that must agree, so that an alert ends soon after its cause, such as `5m`.',
    ),
    burnRate: required(
      integer(1, 1000),
      'How many times faster than allowed the budget burns, over both times. At 1 it lasts for exactly the window.',
    ),
    severity: defaulted(oneOf(['Page', 'Ticket']), 'Page', '`Page`: at once. `Ticket`: in working hours.'),
  },
  ({ long, short }, report) => {
    if ((parseDuration(short) ?? 0) >= (parseDuration(long) ?? 0))
      report(['short'], 'invalid-value', 'must be shorter than `long`', 'write a twelfth of it, say');
    if ((parseDuration(short) ?? 0) < 60_000) report(['short'], 'out-of-range', 'must be at least `1m`');
  },
);

const target = object({
  kind: defaulted(
    oneOf(['Service', 'Namespace']),
    'Service',
    '`Namespace`: all services of the object’s own namespace together.',
  ),
  name: required(
    string({ format: dnsSubdomain }),
    'The name of a Service of the object’s namespace, or of that namespace.',
  ),
});

const spec = object({
  description: optional(string({ maxLength: 500 }), 'What it means to those who use the service.'),
  targetRef: required(target, 'Whose requests count, as callers see them.'),
  objectives: required(array(objective, { minItems: 1, maxItems: 8 }), 'Each by itself.'),
  window: defaulted(
    string({ format: duration }),
    '24h',
    'The time that the budget is for. The built-in store holds a day; with `weft up --prometheus` it may be as long as that one’s memory.',
  ),
  alerts: defaulted(
    array(alert, { maxItems: 8 }),
    [
      { long: '1h', short: '5m', burnRate: 14 },
      { long: '6h', short: '30m', burnRate: 6, severity: 'Ticket' },
    ],
    'When somebody is told: by `weft check`, the dashboard, and the webhook of `weft up --alert-webhook`. Absent: a fiftieth of a month’s budget in an hour, a twentieth in six.',
  ),
});

export type ServiceLevelSpec = Complete<typeof spec>;
export type Objective = ServiceLevelSpec['objectives'][number];
export type BurnAlert = ServiceLevelSpec['alerts'][number];
export type ServiceLevel = StoredObject<ServiceLevelSpec, ConditionsStatus>;

export const SERVICE_LEVEL = defineKind({
  group: WEFT_GROUP,
  versions: ['v1alpha1'],
  kind: 'ServiceLevel',
  plural: 'servicelevels',
  singular: 'servicelevel',
  shortNames: ['slo'],
  categories: ['weft'],
  scope: 'Namespaced',
  doc: 'What a service promises: the share of its requests that succeed, or are answered in time. The control plane measures it by what the callers’ proxies count, and says when the budget of failures burns too fast. It changes no proxy.',
  name: dnsSubdomain,
  spec,
  example: {
    targetRef: { name: 'orders' },
    objectives: [{ percent: '99.9' }, { percent: '95', fasterThan: '300ms' }],
  },
  status: 'conditions',
  check({ namespace, spec: { targetRef, window } }, report) {
    if (targetRef.kind === 'Namespace' && targetRef.name !== namespace)
      report(['targetRef', 'name'], 'invalid-value', `expected the object’s own namespace, \`${namespace}\``);
    if ((parseDuration(window) ?? 0) < 300_000) report(['window'], 'out-of-range', 'must be at least `5m`');
  },
  columns: [
    {
      name: 'Target',
      type: 'string',
      doc: 'Whose requests count.',
      priority: 0,
      value: ({ spec: { targetRef } }) => `${targetRef.kind}/${targetRef.name}`,
    },
    {
      name: 'Objectives',
      type: 'string',
      doc: 'What is promised.',
      priority: 0,
      value: ({ spec: { objectives } }) =>
        objectives
          .map(({ percent: share, fasterThan }) => `${share}%${fasterThan === undefined ? '' : ` < ${fasterThan}`}`)
          .join(', '),
    },
  ],
});
