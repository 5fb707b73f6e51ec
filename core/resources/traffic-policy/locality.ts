/** Which endpoints are nearer, and what happens where the near ones fail (Envoy: priorities, locality weights). */
import { labelKey, labelValue, place } from '../schema/formats.ts';
import { array, defaulted, integer, object, oneOf, optional, required, string } from '../schema/schema.ts';

const where = string({ format: place });

const target = object({
  locality: required(where, 'Where endpoints are: `region`, `region/zone` or `region/zone/subZone`, and all within.'),
  weight: required(integer(0, 1_000_000), 'Its share, relative to the sum of the weights.'),
});

const split = object(
  {
    from: required(where, 'Where callers are, written as `locality`.'),
    to: required(
      array(target, { minItems: 1, maxItems: 32, uniqueBy: ['locality'] }),
      'Where their requests go; the first entry that an endpoint is within counts. Endpoints in none of them get nothing.',
    ),
  },
  ({ to }, report) => {
    if (to.every(({ weight }) => weight === 0)) report(['to'], 'out-of-range', 'no weight is above 0');
  },
);

const order = object({
  from: required(where, 'Where callers are, written as `region`, `region/zone` or `region/zone/subZone`.'),
  to: required(
    array(where, { minItems: 1, maxItems: 16, uniqueBy: 'item' }),
    'Which localities come next, in this order, when the near ones fail.',
  ),
});

const label = required(
  string({ format: labelKey }),
  'Key of a label of Workloads. `topology.kubernetes.io/region`, `topology.kubernetes.io/zone` and `topology.istio.io/subzone` are the parts of localities.',
);
const value = optional(
  string({ format: labelValue }),
  'What the endpoint’s label must be, whoever calls. Absent: as the caller’s; a caller without the label agrees with nobody.',
);

const weighted = object({
  label,
  value,
  weight: required(integer(1, 10_000), 'Share of all endpoints that agree in this label and in none before it.'),
});

export const locality = object(
  {
    prefer: defaulted(
      oneOf(['None', 'Region', 'Zone', 'SubZone']),
      'Zone',
      'Up to where endpoints count as near. `Zone`: first those of the caller’s zone, then those of its region, then all others. `Region`: those of its region, then all others. `SubZone`: one step more. `None`: all are alike. A caller without a locality has no near ones.',
    ),
    failover: defaulted(
      oneOf(['Any', 'Region', 'None']),
      'Any',
      'Which endpoints are used when nearer ones fail. `Any`: all. `Region`: only those of the caller’s region. `None`: only the nearest.',
    ),
    failoverBelow: defaulted(
      integer(1, 100),
      71,
      'Percent of healthy endpoints of a step below which the next one takes the missing share.',
    ),
    order: optional(
      array(order, { maxItems: 16, uniqueBy: ['from'] }),
      'For callers of some localities: which of the farther ones come first. The first entry whose `from` the caller is within counts.',
    ),
    failoverPriority: optional(
      array(object({ label, value }), { minItems: 1, maxItems: 8, uniqueBy: ['label'] }),
      'Labels that go before places: endpoints that agree in all of them come first, then those that agree in all but the last, down to those that do not agree in the first. Among equals `prefer` decides; `None` leaves it at the labels.',
    ),
    affinity: optional(
      array(weighted, { minItems: 1, maxItems: 8, uniqueBy: ['label'] }),
      'Shares among equally near endpoints by the first label that they agree in; all that agree in none have the weight 1. Balanced by `RoundRobin` or `LeastRequest`: `Random` knows no weights on Envoy.',
    ),
    distribute: optional(
      array(split, { maxItems: 16, uniqueBy: ['from'] }),
      'For callers of some localities: fixed shares of localities instead of the nearest first. The first entry whose `from` the caller is within counts.',
    ),
  },
  ({ prefer, failover, order: list, failoverPriority, affinity, distribute }, report) => {
    if (affinity !== undefined && distribute !== undefined)
      report(['affinity'], 'exclusive-fields', 'both `affinity` and `distribute` give shares', 'remove one');
    if (prefer === 'None' && failover !== 'Any' && failoverPriority === undefined)
      report(['failover'], 'exclusive-fields', 'has no meaning where no endpoint is nearer', 'remove it');
    if (list !== undefined && failover !== 'Any')
      report(['order'], 'exclusive-fields', `nothing farther comes with \`failover: ${failover}\``, 'remove one');
  },
);
