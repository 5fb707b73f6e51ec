/** Gateway API BackendRef: where requests go, with a weight. */
import { dnsLabel, dnsSubdomain, group, kindName } from '../schema/formats.ts';
import type { Complete, Report } from '../schema/schema.ts';
import { defaulted, integer, object, optional, required, string } from '../schema/schema.ts';

/** BackendObjectReference's fields. */
export const backendObject = {
  group: defaulted(string({ format: group, minLength: 0 }), '', 'The backend’s API group; `""` for a Service.'),
  kind: defaulted(string({ format: kindName }), 'Service', 'The backend’s kind: `Service`.'),
  name: required(string({ format: dnsSubdomain }), 'The backend’s name.'),
  namespace: optional(
    string({ format: dnsLabel }),
    'The backend’s namespace. Absent: the route’s own. Another one needs that namespace’s permission.',
  ),
  port: optional(
    integer(1, 65_535),
    'The service’s port (`spec.ports[].port`, not `targetPort`). Needed for a Service.',
  ),
};

export const weight = defaulted(
  integer(0, 1_000_000),
  1,
  'Share of the requests, relative to the sum of the weights in the rule. 0: none. When the sum is 0, every request is answered 500.',
);

/** "Must have port for Service reference" (Gateway API, BackendObjectReference). */
export function checkBackendObject(
  ref: { readonly group: string; readonly kind: string; readonly port?: number | undefined },
  report: Report,
): void {
  if (ref.group === '' && ref.kind === 'Service' && ref.port === undefined) {
    report(['port'], 'missing-field', 'is required for a Service', 'add `port`');
  }
}

/** BackendRef without filters, as TCPRoute uses it. */
export const backendRef = object({ ...backendObject, weight }, checkBackendObject);

export type BackendRef = Complete<typeof backendRef>;
