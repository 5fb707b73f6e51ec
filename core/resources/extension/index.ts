/** weft.dev Extension: a service that proxies ask about requests. Which, is said by AccessPolicies with action EXTERNAL, by targets of its own and by filters of routes. */
import { parseDuration } from '../../kernel/index.ts';
import { checkTargetNamespaces, targetRefs } from '../gateway/target-ref.ts';
import { defineKind, WEFT_GROUP } from '../kind.ts';
import type { StoredObject } from '../object.ts';
import { dnsSubdomain, duration, headerName } from '../schema/formats.ts';
import type { Complete } from '../schema/schema.ts';
import { array, boolean, defaulted, integer, object, oneOf, optional, required, string } from '../schema/schema.ts';
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

const modes = (what: string) =>
  defaulted(
    object({
      headers: defaulted(oneOf(['Send', 'Skip']), 'Send', `Whether the headers of the ${what} are shown.`),
      body: defaulted(
        oneOf(['None', 'Streamed', 'Buffered', 'BufferedPartial']),
        'None',
        `What of the ${what}’s body is shown. \`Streamed\`: each piece as it comes. \`Buffered\`: the whole at once; a longer one than the buffer fails. \`BufferedPartial\`: as much as fits.`,
      ),
    }),
    {},
    `What of the ${what} the service sees, and may change.`,
  );

const processing = object(
  {
    service: required(
      object({
        name: required(string({ format: dnsSubdomain }), 'A Service of the Extension’s namespace that speaks gRPC.'),
        port: optional(integer(1, 65_535), 'Its port. Absent: its only one.'),
      }),
      'Who processes: envoy.service.ext_proc.v3.ExternalProcessor.',
    ),
    timeout: defaulted(string({ format: duration }), '200ms', 'How long the answer to each message may take.'),
    onFailure: defaulted(
      oneOf(['Deny', 'Allow']),
      'Deny',
      'What happens to exchanges where the service fails or is silent. `Deny`: 500. `Allow`: they go on as they are.',
    ),
    request: modes('request'),
    response: modes('answer'),
    shownHeaders: optional(headers, 'Headers that are shown, of request and answer. Absent: all.'),
    route: defaulted(
      oneOf(['Keep', 'ChooseAgain']),
      'Keep',
      'Whether the route is chosen again after headers of the request changed.',
    ),
    modeOverride: defaulted(boolean(), false, 'The service may change what it is shown of an exchange.'),
  },
  ({ timeout, request, response }, report) => {
    const ms = parseDuration(timeout) ?? 0;
    if (ms < 1 || ms > 60_000) report(['timeout'], 'out-of-range', 'must be from `1ms` to `1m`');
    if ([request, response].every((one) => one.headers === 'Skip' && one.body === 'None'))
      report(
        ['request'],
        'no-effect',
        'the service would see nothing',
        'show it something of request or answer',
        'error',
      );
  },
);

const spec = object(
  {
    targetRefs: optional(
      targetRefs,
      'With `processing`: whose requests the service sees, beside those of routes that name the Extension. About services: what arrives at their workloads, in the called proxies. About Gateways: what enters there. Of several the most specific counts, of equals the oldest; the others get Accepted=False, reason Conflicted. Services that proxies ask themselves (Extensions, limiters) are left out. Absent: routes alone.',
    ),
    authorization: optional(authorization, 'External authorization: the service lets a request pass or refuses it.'),
    processing: optional(
      processing,
      'External processing: the service sees requests and answers, and may change them or answer itself.',
    ),
  },
  (value, report) => {
    if (value.targetRefs !== undefined && value.authorization !== undefined)
      report(
        ['targetRefs'],
        'exclusive-fields',
        'is not allowed with `authorization`',
        'write an AccessPolicy with `action: EXTERNAL` about the same targets',
      );
    if ((value.authorization === undefined) === (value.processing === undefined))
      report(
        ['authorization'],
        value.authorization === undefined ? 'missing-field' : 'exclusive-fields',
        value.authorization === undefined ? 'the Extension does nothing' : 'is not allowed beside `processing`',
        value.authorization === undefined ? 'add `authorization` or `processing`' : 'write two Extensions',
      );
  },
);

export type ExtensionSpec = Complete<typeof spec>;
export type Authorization = NonNullable<ExtensionSpec['authorization']>;
export type Processing = NonNullable<ExtensionSpec['processing']>;
export type Extension = StoredObject<ExtensionSpec, ConditionsStatus>;

export const EXTENSION = defineKind({
  group: WEFT_GROUP,
  versions: ['v1alpha1'],
  kind: 'Extension',
  plural: 'extensions',
  singular: 'extension',
  categories: ['weft'],
  scope: 'Namespaced',
  doc: 'A service of yours that proxies ask about requests: external authorization, external processing. Which requests, is said by AccessPolicies with action `EXTERNAL` (authorization), by `targetRefs` (processing) and by filters `ExtensionRef` of routes (both).',
  name: dnsSubdomain,
  spec,
  example: { authorization: { service: { name: 'policy-server' }, timeout: '200ms' } },
  status: 'conditions',
  check({ namespace, spec: value }, report) {
    checkTargetNamespaces(value.targetRefs ?? [], namespace, report);
  },
  columns: [
    {
      name: 'Service',
      type: 'string',
      doc: 'service.name',
      priority: 0,
      value: ({ spec }) => (spec.authorization ?? spec.processing)?.service.name ?? '',
    },
    {
      name: 'On failure',
      type: 'string',
      doc: 'onFailure',
      priority: 1,
      value: ({ spec }) => (spec.authorization ?? spec.processing)?.onFailure ?? '',
    },
  ],
});
