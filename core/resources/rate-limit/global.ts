/** Limits that all proxies share: counted by a limiter, which is a service of the mesh. */
import { parseDuration } from '../../kernel/index.ts';
import { dnsSubdomain, duration, headerName } from '../schema/formats.ts';
import type { Complete } from '../schema/schema.ts';
import { array, defaulted, integer, object, oneOf, optional, required, string } from '../schema/schema.ts';

/** ms; at least as long as a question travels. */
const SHORTEST = 100;
/** ms; a year. */
const LONGEST = 366 * 86_400_000;

const NAMED = ['Header', 'Query', 'Claim'];
const VALUED = ['Header', 'Path', 'Method'];

const by = object(
  {
    type: required(
      oneOf(['Identity', 'Address', 'Header', 'Query', 'Path', 'Method', 'Claim']),
      'What tells requests apart. `Identity`: the SPIFFE ID of the calling workload; about services only. `Address`: the client’s IP address. `Header`, `Query`: a header, a parameter of the query. `Path`: the path without its query. `Method`. `Claim`: a text in a token that an Authentication verified; about services only. Requests without it share one count.',
    ),
    name: optional(
      string({ maxLength: 256 }),
      'Of the header, the parameter or the claim; `a.b` is the claim `b` within `a`.',
    ),
    value: optional(
      string({ maxLength: 1024 }),
      'With `Header`, `Path` or `Method`: the limit is about requests with this value only, all of which share one count. A path may end in `*`: every one that begins so. Absent: each value has a count of its own.',
    ),
  },
  ({ type, name, value }, report) => {
    const named = NAMED.includes(type);
    if (named && name === undefined) report(['name'], 'missing-field', `\`${type}\` needs a name`, 'add it');
    if (!named && name !== undefined) report(['name'], 'exclusive-fields', `\`${type}\` has no name`, 'remove it');
    if (value !== undefined && !VALUED.includes(type))
      report(['value'], 'exclusive-fields', `\`${type}\` is told apart by every value`, 'remove it');
    if (type === 'Header' && name !== undefined && !headerName.accepts(name))
      report(['name'], 'invalid-value', 'is no name of a header');
    if (type === 'Path' && value !== undefined && (!value.startsWith('/') || /[?#]|\*./.test(value)))
      report(['value'], 'invalid-value', 'a path begins with `/`, has no query, and one `*` at the end at most');
  },
);

const limit = object(
  {
    requests: required(integer(1, 1_000_000_000), 'So many requests pass in each `per`.'),
    per: defaulted(string({ format: duration }), '1s', 'The time that `requests` is about, from `100ms` to 366 days.'),
    algorithm: defaulted(
      oneOf(['Sliding', 'Fixed']),
      'Sliding',
      '`Sliding`: requests come back one by one, so that no moment lets twice as many pass (GCRA). `Fixed`: all come back at the end of each `per`.',
    ),
    by: optional(
      array(by, { minItems: 1, maxItems: 8, uniqueBy: ['type', 'name'] }),
      'Requests that agree in all of these share one count. Absent: all requests together.',
    ),
  },
  ({ per }, report) => {
    const ms = parseDuration(per) ?? 0;
    if (ms < SHORTEST || ms > LONGEST) report(['per'], 'out-of-range', 'must be from `100ms` to `8784h`');
  },
);

const limiter = object({
  name: required(string({ format: dnsSubdomain }), 'A Service of the policy’s namespace.'),
  port: optional(integer(1, 65_535), 'Its port. Absent: its only one.'),
});

export const globalLimits = object(
  {
    limits: required(
      array(limit, { minItems: 1, maxItems: 8 }),
      'Each is counted by itself. A request that one of them refuses is counted by none.',
    ),
    limiter: optional(
      limiter,
      'The Service that counts: `weft limiter`, or another one that speaks envoy.service.ratelimit.v3. Absent: `limiter` of the Mesh.',
    ),
    timeout: defaulted(string({ format: duration }), '100ms', 'How long the limiter may take for an answer.'),
    onFailure: defaulted(
      oneOf(['Allow', 'Deny']),
      'Allow',
      'What happens to requests while the limiter gives no answer. `Allow`: they pass. `Deny`: they are answered with 500.',
    ),
  },
  ({ timeout }, report) => {
    const ms = parseDuration(timeout) ?? 0;
    if (ms < 1 || ms > 60_000) report(['timeout'], 'out-of-range', 'must be from `1ms` to `1m`');
  },
);

export type GlobalLimits = Complete<typeof globalLimits>;
export type GlobalLimit = GlobalLimits['limits'][number];
export type LimitedBy = NonNullable<GlobalLimit['by']>[number];
