/** weft.dev Extension: a service that proxies ask about requests. What they ask it about is said by AccessPolicies with action EXTERNAL. */
import { parseDuration } from '../../kernel/index.ts';
import { defineKind, WEFT_GROUP } from '../kind.ts';
import type { StoredObject } from '../object.ts';
import { dnsSubdomain, duration, headerName } from '../schema/formats.ts';
import type { Complete } from '../schema/schema.ts';
import {
  array,
  boolean,
  defaulted,
  integer,
  object,
  oneOf,
  optional,
  required,
  string,
  unsupported,
} from '../schema/schema.ts';
import type { ConditionsStatus } from '../status.ts';

const headers = array(string({ format: headerName }), { minItems: 1, maxItems: 64, uniqueBy: 'item' });

const authorization = object(
  {
    protocol: defaulted(
      oneOf(['GRPC', 'HTTP']),
      'GRPC',
      '`GRPC`: envoy.service.auth.v3.Authorization. `HTTP`: the request without its body; any status but 200 refuses it, and is the answer.',
    ),
    service: required(
      object({
        name: required(string({ format: dnsSubdomain }), 'A Service of the Extension’s namespace.'),
        port: optional(integer(1, 65_535), 'Its port. Absent: its only one.'),
      }),
      'Who is asked.',
    ),
    pathPrefix: optional(
      string({ maxLength: 1024 }),
      'With `HTTP`: stands before the path of the request in the question.',
    ),
    timeout: defaulted(string({ format: duration }), '1s', 'How long an answer may take.'),
    onFailure: defaulted(
      oneOf(['Deny', 'Allow']),
      'Deny',
      'What happens to requests while there is no answer. `Deny`: 403. `Allow`: they pass.',
    ),
    body: optional(
      object({
        maxBytes: required(integer(1, 1_048_576), 'So much of the request’s body is shown.'),
        partial: defaulted(boolean(), false, 'A longer body is shown by its beginning; else the request gets 413.'),
      }),
      'Shows the body, too; the request waits for it. Absent: none of it.',
    ),
    requestHeaders: optional(
      headers,
      'Headers of the request that are shown, beside method, path and host. Absent: with `GRPC` all, with `HTTP` `authorization`.',
    ),
    upstreamHeaders: optional(
      headers,
      'With `HTTP`: headers of the answer that the application gets, instead of what the caller sent. With `GRPC` the answer itself says which.',
    ),
    downstreamHeaders: optional(
      headers,
      'With `HTTP`: headers of a refusal that the caller gets. Absent: all. With `GRPC` the answer itself says which.',
    ),
  },
  ({ protocol, pathPrefix, timeout, upstreamHeaders, downstreamHeaders }, report) => {
    const ms = parseDuration(timeout) ?? 0;
    if (ms < 1 || ms > 60_000) report(['timeout'], 'out-of-range', 'must be from `1ms` to `1m`');
    if (protocol === 'GRPC')
      for (const [field, value] of Object.entries({ pathPrefix, upstreamHeaders, downstreamHeaders }))
        if (value !== undefined)
          report([field], 'exclusive-fields', 'is for `HTTP`', 'remove it, or set `protocol: HTTP`');
    if (pathPrefix !== undefined && !pathPrefix.startsWith('/'))
      report(['pathPrefix'], 'invalid-value', 'a path begins with `/`', `write \`/${pathPrefix}\``);
  },
);

const spec = object({
  authorization: required(authorization, 'External authorization: the service lets a request pass or refuses it.'),
  processing: unsupported('external processing has no filter on our engine yet'),
});

export type ExtensionSpec = Complete<typeof spec>;
export type Authorization = ExtensionSpec['authorization'];
export type Extension = StoredObject<ExtensionSpec, ConditionsStatus>;

export const EXTENSION = defineKind({
  group: WEFT_GROUP,
  versions: ['v1alpha1'],
  kind: 'Extension',
  plural: 'extensions',
  singular: 'extension',
  categories: ['weft'],
  scope: 'Namespaced',
  doc: 'A service of yours that proxies ask about requests: external authorization. AccessPolicies with action `EXTERNAL` say about which.',
  name: dnsSubdomain,
  spec,
  example: { authorization: { service: { name: 'policy-server' }, timeout: '200ms' } },
  status: 'conditions',
  columns: [
    {
      name: 'Service',
      type: 'string',
      doc: 'spec.authorization.service',
      priority: 0,
      value: ({
        spec: {
          authorization: { service },
        },
      }) => service.name,
    },
    {
      name: 'On failure',
      type: 'string',
      doc: 'spec.authorization.onFailure',
      priority: 1,
      value: ({
        spec: {
          authorization: { onFailure },
        },
      }) => onFailure,
    },
  ],
});
