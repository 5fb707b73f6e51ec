/** How an endpoint is chosen for a request or connection (Envoy: Cluster.lb_policy, RouteAction.hash_policy). */
import { parseDuration } from '../../kernel/index.ts';
import { duration, headerName } from '../schema/formats.ts';
import { array, defaulted, integer, object, oneOf, optional, required, string } from '../schema/schema.ts';

const hashOn = object(
  {
    type: required(
      oneOf(['Header', 'Cookie', 'QueryParameter', 'SourceIP']),
      'What is hashed: a request header, a cookie, a query parameter, or the caller’s IP address (the only one for TCP).',
    ),
    name: optional(
      string({ format: headerName }),
      'The header’s, cookie’s or parameter’s name. A request without it goes to the next entry.',
    ),
    ttl: optional(
      string({ format: duration }),
      'With `Cookie`: a caller without the cookie gets one that lives so long; `0s`: as long as its session. Absent: it gets none.',
    ),
    path: optional(
      string({ maxLength: 1024 }),
      'With `Cookie` and `ttl`: the path of the cookie that is given. Absent: `/`.',
    ),
  },
  ({ type, name, ttl, path }, report) => {
    for (const [field, value] of [
      ['ttl', ttl],
      ['path', path],
    ] as const)
      if (value !== undefined && type !== 'Cookie')
        report([field], 'exclusive-fields', `has no meaning with \`${type}\``, 'remove it');
    if (path !== undefined && ttl === undefined)
      report(['path'], 'exclusive-fields', 'has no meaning without `ttl`', 'add `ttl`, or remove it');
    if (path !== undefined && !/^\/[!-:<-~]*$/.test(path))
      report(['path'], 'invalid-path', 'expected a path that begins with `/`, without `;`');
    if (type === 'SourceIP' && name !== undefined)
      report(['name'], 'exclusive-fields', 'has no meaning with `SourceIP`', 'remove it');
    if (type !== 'SourceIP' && name === undefined)
      report(['name'], 'missing-field', `is required with \`${type}\``, 'add `name`');
  },
);

export const balancing = object(
  {
    algorithm: defaulted(
      oneOf(['LeastRequest', 'PeakEwma', 'RoundRobin', 'Random', 'RingHash', 'Maglev']),
      'LeastRequest',
      '`LeastRequest`: the less busy of a few drawn at random. `PeakEwma`: of two drawn at random the one with the lower product of latency, measured by each caller, and requests under way; our engine only. `RoundRobin`: one after the other. `Random`. `RingHash` and `Maglev`: the same value of `hashOn` goes to the same endpoint while endpoints stay.',
    ),
    choices: optional(integer(2, 10), 'With `LeastRequest`: how many endpoints are drawn. Absent: 2.'),
    hashOn: optional(
      array(hashOn, { minItems: 1, maxItems: 8 }),
      'With `RingHash` and `Maglev`: what is hashed; the first entry that the request has. Needed there, not allowed elsewhere.',
    ),
    ringSize: optional(
      object(
        {
          minimum: defaulted(integer(1, 8_388_608), 1024, 'Fewest entries of the ring.'),
          maximum: defaulted(integer(1, 8_388_608), 8_388_608, 'Most entries of the ring.'),
        },
        ({ minimum, maximum }, report) => {
          if (minimum > maximum) report(['minimum'], 'out-of-range', 'is greater than `maximum`');
        },
      ),
      'With `RingHash`: the size of the ring.',
    ),
    tableSize: optional(integer(3, 5_000_011), 'With `Maglev`: the size of the table, a prime. Absent: 65537.'),
    decay: optional(
      string({ format: duration }),
      'With `PeakEwma`: how fast a measured latency loses its weight, to a third of it in so long. Absent: 10 s.',
    ),
    slowStart: optional(
      string({ format: duration }),
      'For so long after it became ready an endpoint gets a growing share. With `LeastRequest` and `RoundRobin`. Absent or `0s`: the full share at once.',
    ),
    panicThreshold: optional(
      integer(0, 100),
      'Percentage of healthy endpoints below which unhealthy ones are used too. 0: never. Absent: 50.',
    ),
  },
  (value, report) => {
    const { algorithm } = value;
    const hashing = algorithm === 'RingHash' || algorithm === 'Maglev';
    if (hashing && value.hashOn === undefined) {
      report(
        ['hashOn'],
        'missing-field',
        `is required with \`${algorithm}\``,
        'add `hashOn`, such as `[{type: Header, name: x-user}]`',
      );
    }
    const only = (
      name: 'choices' | 'hashOn' | 'ringSize' | 'tableSize' | 'decay' | 'slowStart',
      allowed: readonly string[],
    ): void => {
      if (value[name] === undefined || allowed.includes(algorithm)) return;
      report(
        [name],
        'exclusive-fields',
        `has no meaning with \`${algorithm}\``,
        `remove it, or choose ${allowed.join(' or ')}`,
      );
    };
    only('choices', ['LeastRequest']);
    only('hashOn', ['RingHash', 'Maglev']);
    only('ringSize', ['RingHash']);
    only('tableSize', ['Maglev']);
    only('decay', ['PeakEwma']);
    if (value.decay !== undefined && parseDuration(value.decay) === 0)
      report(['decay'], 'out-of-range', 'must be at least `1ms`');
    only('slowStart', ['LeastRequest', 'RoundRobin']);
    if (value.tableSize !== undefined && !isPrime(value.tableSize)) {
      report(['tableSize'], 'invalid-value', `expected a prime, found ${value.tableSize}`, 'use 65537');
    }
  },
);

function isPrime(value: number): boolean {
  if (value < 2) return false;
  for (let divisor = 2; divisor * divisor <= value; divisor += 1) if (value % divisor === 0) return false;
  return true;
}
