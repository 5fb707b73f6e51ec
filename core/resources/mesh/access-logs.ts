/** spec.accessLogs of a Mesh: what its proxies write of each request and connection, and where to. */
import { dnsLabel, duration, type Format, labelKey, labelValue } from '../schema/formats.ts';
import { array, integer, map, object, oneOf, optional, type Report, required, string } from '../schema/schema.ts';
import { caCertificates, checkCollector, collectorUrl, protocol, resourceAttributes } from './collector.ts';

const LONGEST = 4096;

const logPath: Format = {
  name: 'log-path',
  expected: 'an absolute path that ends with `.log`',
  pattern: '^/.+\\.log$',
  maxLength: 1024,
  accepts: (text) => /^\/(?!.*\/\.\.?\/).+\.log$/.test(text),
};

const key: Format = {
  name: 'log-key',
  expected: 'letters, digits, `.`, `_` and `-`',
  pattern: '^[a-zA-Z_][a-zA-Z0-9._-]*$',
  maxLength: 128,
  accepts: (text) => /^[a-zA-Z_][a-zA-Z0-9._-]*$/.test(text),
};

/** What is written and where to, whoever writes it. */
const what = {
  to: required(oneOf(['Stdout', 'Stderr', 'File', 'Otlp']), 'Of the process that serves the proxy; or a collector.'),
  path: optional(string({ format: logPath }), 'The file, where `to` is `File`.'),
  endpoint: optional(
    string({ format: collectorUrl }),
    'The collector, where `to` is `Otlp`. Without a port: 4317 over gRPC, 4318 over HTTP.',
  ),
  protocol: protocol('/v1/logs'),
  caCertificates,
  resourceAttributes,
  text: optional(
    string({ maxLength: LONGEST }),
    'A line, or the body of a record, with Envoy’s command operators. Absent, also `fields`: Envoy’s default line, `%RESPONSE_CODE_DETAILS%` and `%CONNECTION_TERMINATION_DETAILS%`.',
  ),
  fields: optional(
    map(string({ minLength: 0, maxLength: LONGEST }), { keys: key, maxEntries: 64 }),
    'The same as JSON, or as attributes of a record, by name; values have command operators.',
  ),
  direction: optional(
    oneOf(['Inbound', 'Outbound']),
    '`Inbound`: only what arrives at workloads and enters at Gateways. `Outbound`: only what workloads call. Absent: both.',
  ),
  filter: optional(
    object(
      {
        minStatus: optional(integer(100, 599), 'Answers of this status and above.'),
        slowerThan: optional(string({ format: duration }), 'What took as long, or longer.'),
        flags: optional(
          array(string({ maxLength: 8 }), { maxItems: 32, uniqueBy: 'item' }),
          'What has any of these response flags, by Envoy’s short names; an empty list: any flag.',
        ),
        cel: optional(string({ maxLength: 1024 }), 'What this expression is true of.'),
      },
      (filter, report) => {
        if (Object.values(filter).every((value) => value === undefined))
          report(
            [],
            'missing-field',
            'says nothing of what is written',
            'add `minStatus`, `slowerThan`, `flags` or `cel`',
          );
      },
    ),
    'What is written: that of which any of it is true. Absent: all.',
  ),
};

interface Written {
  readonly to: 'Stdout' | 'Stderr' | 'File' | 'Otlp';
  readonly path?: string | undefined;
  readonly endpoint?: string | undefined;
  readonly caCertificates?: string | undefined;
  readonly text?: string | undefined;
  readonly fields?: Readonly<Record<string, string>> | undefined;
}

function checkWritten({ to, path, endpoint, caCertificates: pem, text, fields }: Written, report: Report): void {
  checkCollector({ endpoint, caCertificates: pem }, report);
  if ((to === 'File') !== (path !== undefined))
    report(
      ['path'],
      to === 'File' ? 'missing-field' : 'invalid-value',
      'belongs to `to: File`, and to it alone',
      'write both or neither',
    );
  if ((to === 'Otlp') !== (endpoint !== undefined))
    report(
      ['endpoint'],
      to === 'Otlp' ? 'missing-field' : 'invalid-value',
      'belongs to `to: Otlp`, and to it alone',
      'write both or neither',
    );
  if (to !== 'Otlp' && text !== undefined && fields !== undefined)
    report(['fields'], 'invalid-value', 'is not allowed beside `text`', 'write one of them');
}

const one = object(
  {
    ...what,
    namespaces: optional(
      array(string({ format: dnsLabel }), { minItems: 1, maxItems: 64, uniqueBy: 'item' }),
      'Only proxies in these namespaces write it. Absent: those of all.',
    ),
    notNamespaces: optional(
      array(string({ format: dnsLabel }), { minItems: 1, maxItems: 64, uniqueBy: 'item' }),
      'But none of these.',
    ),
    workloadSelector: optional(
      map(string({ minLength: 0, format: labelValue }), { keys: labelKey, maxEntries: 16 }),
      'Only proxies of workloads that carry all these labels write it. Absent: all of them.',
    ),
  },
  checkWritten,
);

export const accessLogs = array(one, { maxItems: 8 });

/** Of a Telemetry, which says by itself whose proxies write it. */
export const ownAccessLogs = array(object(what, checkWritten), { maxItems: 8 });
