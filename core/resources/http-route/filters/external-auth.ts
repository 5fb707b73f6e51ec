/** Gateway API HTTPExternalAuthFilter (GEP-1494): a service is asked whether a request may pass. */
import { backendObject, checkBackendObject } from '../../gateway/backend-ref.ts';
import { headerName } from '../../schema/formats.ts';
import { array, integer, object, oneOf, optional, required, string } from '../../schema/schema.ts';

const headers = (doc: string) =>
  optional(array(string({ format: headerName }), { maxItems: 64, uniqueBy: 'item' }), doc);

export const externalAuth = object(
  {
    protocol: required(
      oneOf(['GRPC', 'HTTP']),
      '`GRPC`: envoy.service.auth.v3.Authorization. `HTTP`: any status but 200 refuses the request, and is the answer.',
    ),
    backendRef: required(
      object(backendObject, checkBackendObject),
      'Who is asked. While it is not there requests get 500.',
    ),
    grpc: optional(
      object({ allowedHeaders: headers('Headers of the request that are shown. Absent: all.') }),
      'With `GRPC`.',
    ),
    http: optional(
      object({
        path: optional(string({ maxLength: 1024 }), 'Stands before the path of the request in the question.'),
        allowedHeaders: headers('Headers that are shown beside host, method, path, length and `authorization`.'),
        allowedResponseHeaders: headers(
          'Headers of the answer that the backend gets. Absent: none (Gateway API: all; an answer’s own framing must not be copied).',
        ),
      }),
      'With `HTTP`.',
    ),
    forwardBody: optional(
      object({ maxSize: optional(integer(0, 65_535), 'So many bytes; a longer body gets 413. 0: none.') }),
      'Shows the request’s body, too. Absent: none of it.',
    ),
  },
  ({ protocol, grpc, http }, report) => {
    if (protocol === 'GRPC' && http !== undefined)
      report(['http'], 'exclusive-fields', 'is for `HTTP`', 'remove it, or write `protocol: HTTP`');
    if (protocol === 'HTTP' && grpc !== undefined)
      report(['grpc'], 'exclusive-fields', 'is for `GRPC`', 'remove it, or write `protocol: GRPC`');
    if (protocol === 'GRPC' && grpc === undefined)
      report(['grpc'], 'missing-field', 'is required with protocol `GRPC`', 'write `grpc: {}`');
    if (protocol === 'HTTP' && http === undefined)
      report(['http'], 'missing-field', 'is required with protocol `HTTP`', 'write `http: {}`');
    const path = http?.path;
    if (path !== undefined && path !== '' && !/^\/(?:[-A-Za-z0-9/._~!$&'()*+,;=:@]|%[0-9a-fA-F]{2})*$/.test(path))
      report(['http', 'path'], 'invalid-value', 'is no path', 'begin with `/`, escape other characters');
  },
);
