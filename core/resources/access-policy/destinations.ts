/** What a rule is about: ports, and on ports that carry HTTP the request. */
import { checkRegex } from '../http-route/regex.ts';
import { headerName, hostname, portName } from '../schema/formats.ts';
import type { Complete, Report } from '../schema/schema.ts';
import { array, defaulted, intOrString, object, oneOf, optional, required, string } from '../schema/schema.ts';

const headerCondition = object(
  {
    name: required(string({ format: headerName }), 'The header’s name; case does not matter.'),
    type: defaulted(
      oneOf(['Exact', 'RegularExpression', 'Present', 'Absent']),
      'Exact',
      '`Exact`: equal, case matters. `RegularExpression`: RE2, the whole value. `Present`, `Absent`: whether it came at all.',
    ),
    value: optional(string({ maxLength: 4096 }), 'The value or expression.'),
  },
  ({ type, value }, report) => {
    const compares = type === 'Exact' || type === 'RegularExpression';
    if (compares && value === undefined)
      report(['value'], 'missing-field', `\`${type}\` compares with a value`, 'add it');
    if (!compares && value !== undefined)
      report(['value'], 'exclusive-fields', `\`${type}\` has no value`, 'remove it');
    if (type === 'RegularExpression' && value !== undefined) checkRegex(value, report);
  },
);

const PORTS_DOC =
  'Ports of the workload, by the number the application listens on (a Service’s `targetPort`, not its `port`) or by name.';
const HOSTS_DOC = 'Hosts that the request names, with or without a port; `*.example.com`: every name below.';
const PATHS_DOC =
  'Paths without query, canonical: `/a` that path, `/a/*` every one that begins so, `*/a` every one that ends so, `*` all.';

const ports = array(intOrString(1, 65_535, portName), { minItems: 1, maxItems: 32 });
const hosts = array(string({ format: hostname }), { minItems: 1, maxItems: 64 });
const methods = array(string({ format: headerName }), { minItems: 1, maxItems: 32 });
const paths = array(string({ maxLength: 1024 }), { minItems: 1, maxItems: 64 });
const pathRegexes = array(string({ maxLength: 1024 }), { minItems: 1, maxItems: 16 });

export const destination = object(
  {
    ports: optional(ports, `${PORTS_DOC} Absent: every port.`),
    notPorts: optional(ports, 'Other ports than these.'),
    hosts: optional(hosts, HOSTS_DOC),
    notHosts: optional(hosts, 'Other hosts than these.'),
    methods: optional(methods, 'Methods of the request, such as `GET`.'),
    notMethods: optional(methods, 'Other methods than these.'),
    paths: optional(paths, PATHS_DOC),
    notPaths: optional(paths, 'Other paths than these.'),
    pathRegexes: optional(
      pathRegexes,
      'Expressions of RE2, any of which matches the whole canonical path, without query. Beside `paths` both must hold.',
    ),
    notPathRegexes: optional(pathRegexes, 'Paths that none of these expressions matches.'),
    headers: optional(array(headerCondition, { minItems: 1, maxItems: 16 }), 'Headers, all of which must hold.'),
  },
  (value, report) => {
    if (Object.values(value).every((field) => field === undefined))
      report(
        [],
        'missing-field',
        'says nothing',
        'add one of `ports`, `hosts`, `methods`, `paths`, `pathRegexes`, `headers`',
      );
    for (const field of ['paths', 'notPaths'] as const)
      for (const [index, text] of (value[field] ?? []).entries()) checkPath([field, index], text, report);
    for (const field of ['pathRegexes', 'notPathRegexes'] as const)
      for (const [index, text] of (value[field] ?? []).entries())
        checkRegex(text, (_, ...rest) => report([field, index], ...rest));
  },
);

export type Destination = Complete<typeof destination>;

function checkPath(path: readonly (string | number)[], text: string, report: Report): void {
  const inner = text.startsWith('*') ? text.slice(1) : text.endsWith('*') ? text.slice(0, -1) : text;
  if (inner.includes('*'))
    report(path, 'invalid-value', 'a wildcard is one `*`, at the beginning or at the end', 'make two entries of it');
  else if (!text.startsWith('*') && !text.startsWith('/'))
    report(path, 'invalid-value', 'a path begins with `/` or `*`', `write \`/${text}\``);
  else if (text.includes('?')) report(path, 'invalid-value', 'a path has no query here', 'remove it from `?` on');
}
