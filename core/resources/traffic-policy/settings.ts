/** The sections of a TrafficPolicy, each a fragment of its own. A Mesh's `defaults` has the same. */
import type { Complete } from '../schema/schema.ts';
import { object, optional } from '../schema/schema.ts';
import { balancing } from './balancing.ts';
import { connections } from './connections.ts';
import { healthChecks } from './health-checks.ts';
import { locality } from './locality.ts';
import { limits } from './limits.ts';
import { multiplexing } from './multiplexing.ts';
import { outlierEjection } from './outlier-ejection.ts';
import { responseClasses } from './response-classes.ts';
import { retries } from './retries.ts';
import { timeouts } from './timeouts.ts';

export const sections = {
  balancing: optional(balancing, 'How an endpoint is chosen. Absent: `LeastRequest`.'),
  locality: optional(
    locality,
    'Nearer endpoints first, and where to when they fail. Absent: where endpoints are does not matter; `{}`: the caller’s zone, its region, the others.',
  ),
  timeouts: optional(timeouts, 'Time limits.'),
  retries: optional(
    retries,
    'Further tries. Absent: none, but what no application can have seen (no connection, stream refused) still goes to another endpoint.',
  ),
  limits: optional(limits, 'What one calling proxy opens towards the service at most; beyond it 503 at once.'),
  connections: optional(connections, 'How connections to endpoints are opened.'),
  multiplexing: optional(
    multiplexing,
    'How exchanges share connections between two Weft engines. Absent: they do, unless `limits` says `connections` or `requestsPerConnection`, which count connections of one exchange at a time.',
  ),
  outlierEjection: optional(
    outlierEjection,
    'Takes endpoints that fail out for a while. Absent: off; `{}`: on, with the defaults below.',
  ),
  responseClasses: optional(
    responseClasses,
    'Which answers count as failed for `outlierEjection`, and for `retries` with the condition `Failure`; the first entry that an answer is in counts. What is in none, and without the section all: HTTP failed from 500 on, gRPC with UNKNOWN, DEADLINE_EXCEEDED, UNIMPLEMENTED, INTERNAL, UNAVAILABLE, DATA_LOSS. With the section an answer counts as 500 or 200, so that `consecutiveGatewayErrors` counts failed connections alone. Classes of gRPC statuses eject on our engine; on Envoy `retries` alone go by them. Counters and success rates go by statuses all the same.',
  ),
  healthChecks: optional(healthChecks, 'Active checks, all of which an endpoint must pass. Absent or empty: none.'),
};

export const trafficSettings = object(sections);

export type TrafficSettings = Complete<typeof trafficSettings>;
export type Balancing = NonNullable<TrafficSettings['balancing']>;
export type LocalityPreference = NonNullable<TrafficSettings['locality']>;
export type Timeouts = NonNullable<TrafficSettings['timeouts']>;
export type Retries = NonNullable<TrafficSettings['retries']>;
export type Limits = NonNullable<TrafficSettings['limits']>;
export type Connections = NonNullable<TrafficSettings['connections']>;
export type Multiplexing = NonNullable<TrafficSettings['multiplexing']>;
export type OutlierEjection = NonNullable<TrafficSettings['outlierEjection']>;
export type ResponseClasses = NonNullable<TrafficSettings['responseClasses']>;
export type HealthChecks = NonNullable<TrafficSettings['healthChecks']>;

/** The names of the sections, in the order they are documented. */
export const SECTIONS = [
  'balancing',
  'locality',
  'timeouts',
  'retries',
  'limits',
  'connections',
  'multiplexing',
  'outlierEjection',
  'responseClasses',
  'healthChecks',
] as const;
