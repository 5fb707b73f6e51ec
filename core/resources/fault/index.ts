/** weft.dev Fault: failures on purpose, to see what callers make of them. It acts in the proxies that route the requests. */
import { parseDuration } from '../../kernel/index.ts';
import { callerList } from '../gateway/callers.ts';
import { checkShare, share } from '../gateway/share.ts';
import { checkTargetNamespaces, routeTargetRefs, targetsColumn } from '../gateway/target-ref.ts';
import { headerMatch } from '../http-route/match.ts';
import { defineKind, WEFT_GROUP } from '../kind.ts';
import type { StoredObject } from '../object.ts';
import { dnsSubdomain, duration } from '../schema/formats.ts';
import type { Complete } from '../schema/schema.ts';
import { array, integer, object, optional, required, string } from '../schema/schema.ts';
import type { ConditionsStatus } from '../status.ts';

const delay = object(
  { duration: required(string({ format: duration }), 'How long a request waits before it goes on.'), ...share },
  (value, report) => {
    checkShare(value, report);
    if (parseDuration(value.duration) === 0) report(['duration'], 'out-of-range', 'must be at least `1ms`');
  },
);

const abort = object(
  {
    httpStatus: optional(integer(200, 599), 'The status of the answer. gRPC callers get what gRPC makes of it.'),
    grpcStatus: optional(integer(1, 16), 'The gRPC status of the answer, such as 14 (UNAVAILABLE).'),
    ...share,
  },
  (value, report) => {
    checkShare(value, report);
    if ((value.httpStatus === undefined) === (value.grpcStatus === undefined))
      report([], 'exclusive-fields', 'exactly one of `httpStatus` and `grpcStatus` is needed', 'add or remove one');
  },
);

const bandwidth = object(
  { kibibytesPerSecond: required(integer(1, 4_194_303), 'How fast the body of a response comes at most.'), ...share },
  checkShare,
);

const fault = object(
  {
    headers: optional(
      array(headerMatch, { maxItems: 16, uniqueBy: ['name'] }),
      'Only requests with all of these headers. Absent: all requests.',
    ),
    from: optional(
      callerList,
      'Only requests of these callers, any entry: other callers’ proxies do not have the fault. Known when they are configured, whatever requests say of themselves. Not with targets that are Gateways, whose callers are nobody’s workloads; at Gateways that a route is attached to it never acts. Absent: whoever calls.',
    ),
    delay: optional(delay, 'Requests wait. A delay comes before an abort.'),
    abort: optional(abort, 'Requests are answered here, and nobody else sees them.'),
    bandwidth: optional(bandwidth, 'Responses come slowly.'),
  },
  (value, report) => {
    if (value.delay === undefined && value.abort === undefined && value.bandwidth === undefined)
      report([], 'no-effect', 'the fault does nothing', 'add `delay`, `abort` or `bandwidth`', 'warning');
  },
);

const spec = object({
  targetRefs: required(
    routeTargetRefs,
    'Whose requests fail. The most specific Fault counts and replaces the others: rule of a route, route, port of a Service, Service, listener of a Gateway, Gateway, Namespace, Mesh. Among equals the oldest, then the first by namespace and name. No effect on `tcp` ports.',
  ),
  faults: required(
    array(fault, { minItems: 1, maxItems: 8 }),
    'What goes wrong, each on its own: a request meets every entry whose headers it has, in this order, and each entry draws its own chance.',
  ),
});

export type FaultSpec = Complete<typeof spec>;
export type FaultEntry = FaultSpec['faults'][number];
export type Fault = StoredObject<FaultSpec, ConditionsStatus>;

export const FAULT = defineKind({
  group: WEFT_GROUP,
  versions: ['v1alpha1'],
  kind: 'Fault',
  plural: 'faults',
  singular: 'fault',
  categories: ['weft'],
  scope: 'Namespaced',
  doc: 'Failures on purpose: delays, aborts and slow responses for a share of the requests, to see what callers make of them. It acts in the calling proxies; the service itself is not touched.',
  name: dnsSubdomain,
  spec,
  example: {
    targetRefs: [{ kind: 'Service', name: 'orders' }],
    faults: [
      { headers: [{ name: 'x-drill', value: 'yes' }], abort: { httpStatus: 503, percent: 50 } },
      { delay: { duration: '2s', fraction: { numerator: 1, denominator: 1000 } } },
    ],
  },
  status: 'conditions',
  check({ namespace, spec: value }, report) {
    checkTargetNamespaces(value.targetRefs, namespace, report);
    if (!value.targetRefs.some(({ kind }) => kind === 'Gateway')) return;
    for (const [index, { from }] of value.faults.entries())
      if (from !== undefined)
        report(
          ['spec', 'faults', index, 'from'],
          'exclusive-fields',
          'who calls a Gateway is no workload of the mesh',
          'write a Fault of its own about the Gateway, without `from`',
        );
  },
  columns: [
    targetsColumn('Whose requests fail.'),
    {
      name: 'Faults',
      type: 'integer',
      doc: 'How many entries.',
      priority: 0,
      value: ({ spec: { faults } }) => faults.length,
    },
  ],
});
